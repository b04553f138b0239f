"""Compile mappings before a server loads them, in a process of their own.

Parsing YAML and expressions takes 40 MB that a server would keep for good. A child does it once and stores the result;
every later start finds it there.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from ccproxy.cli.mappings_option import load_engine, mapping_roots
from ccproxy.mapping.stored_library import store_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ccproxy.conversion.engine import Engine

MARK: Final = "complete"


def compile_ahead(overlays: Sequence[Path]) -> None:
    """Fill the store unless it is full; without a store, or where a child cannot be made, do nothing."""
    folder = store_folder(mapping_roots(overlays))
    if folder is None or (folder / MARK).exists() or not hasattr(os, "fork"):
        return
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        with suppress(Exception):  # the parent meets the same problem and tells it
            _compile_all(load_engine(overlays))
            (folder / MARK).touch()
    finally:
        os._exit(0)


def compile_each(engine: Engine) -> Iterator[str]:
    """Make one protocol after the other ready to convert; yield its name."""
    for name in engine.protocols:
        engine.dialect(name).unit()
        yield name


def _compile_all(engine: Engine) -> None:
    for name in compile_each(engine):
        validator = engine.dialect(name).validator
        if validator is not None:
            validator.problem({})
    for quirk in engine.library.index.quirks.values():
        engine.quirks.unit(quirk)

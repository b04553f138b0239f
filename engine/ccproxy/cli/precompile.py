"""Compile mappings before a server loads them, in a process of their own.

Parsing YAML and expressions takes 40 MB that a server would keep for good. A child does it once and stores the result;
every later start finds it there.
"""

from __future__ import annotations

import os
import pickle
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.cli.mappings_option import load_engine, mapping_roots
from ccproxy.diagnostics.model import has_errors
from ccproxy.mapping.stored_library import store_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ccproxy.conversion.engine import Engine
    from ccproxy.diagnostics.model import Diagnostic

MARK: Final = "complete"
CHECKED: Final = "checked"


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
            fill_store(load_engine(overlays))
            (folder / MARK).touch()
    finally:
        os._exit(0)


def check_ahead(overlays: Sequence[Path]) -> list[Diagnostic]:
    """The errors in the user's own mappings; what was good at an earlier start is not checked again.

    The check runs in a child, too: it needs much memory.
    """
    folder = store_folder(mapping_roots(overlays))
    if not overlays or (folder is not None and (folder / CHECKED).exists()):
        return []
    errors = _in_child(lambda: errors_in(overlays)) if hasattr(os, "fork") else errors_in(overlays)
    if not errors and folder is not None:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / CHECKED).touch()
    return errors


def errors_in(overlays: Sequence[Path]) -> list[Diagnostic]:
    """Check mapping folders as `ccproxy validate` does, and return the errors."""
    # The checker takes 4 MB that only the child needs.
    from ccproxy.cli.checking import check_files  # noqa: PLC0415
    from ccproxy.cli.file_kinds import find_files  # noqa: PLC0415
    from ccproxy.datadirs import find_data_dir  # noqa: PLC0415
    from ccproxy.yamltree.schema_store import SchemaStore  # noqa: PLC0415

    _, problems = check_files(find_files(overlays), SchemaStore(find_data_dir("schemas")), Path.cwd())
    return [problem for problem in problems if has_errors([problem])]


def _in_child(find: Callable[[], list[Diagnostic]]) -> list[Diagnostic]:
    answer, question = os.pipe()
    child = os.fork()
    if not child:
        try:
            with os.fdopen(question, "wb") as pipe:
                pickle.dump(find(), pipe)
        finally:
            os._exit(0)
    os.close(question)
    with os.fdopen(answer, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    found: list[Diagnostic] = pickle.loads(told) if told else []
    return found


def compile_each(engine: Engine) -> Iterator[str]:
    """Make one protocol after the other ready to convert; yield its name."""
    for name in engine.protocols:
        engine.dialect(name).unit()
        yield name


def fill_store(engine: Engine) -> None:
    """Compile everything, so that the engine's folder of stored code is complete."""
    for name in compile_each(engine):
        validator = engine.dialect(name).validator
        if validator is not None:
            validator.problem({})
    for quirk in engine.library.index.quirks.values():
        engine.quirks.unit(quirk)

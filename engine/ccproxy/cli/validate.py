"""`ccproxy validate`: everything that can be known of YAML files before they run."""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ccproxy.cli.file_kinds import CONFIG_FILE, CheckedFile, find_files, schema_for, shown_path, unknown_kind
from ccproxy.cli.meaning import check_meaning
from ccproxy.cli.subparsers import Subparsers
from ccproxy.cli.terminal import wants_colour
from ccproxy.datadirs import find_data_dir, find_data_dirs
from ccproxy.diagnostics.model import Diagnostic, sort_diagnostics
from ccproxy.diagnostics.render import FORMATS, render, summary
from ccproxy.yamltree.loader import load_yaml, read_text
from ccproxy.yamltree.schema_check import check_schema
from ccproxy.yamltree.schema_store import SchemaStore


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser(
        "validate",
        help="check mappings, schemas, quirks and configuration",
        description="Check the text, shape and meaning of YAML files. Exit 0 clean or only advice on a configuration, "
        "1 problems, 2 wrong usage.",
        epilog="example: ccproxy validate mappings/ --format concise",
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders; default: all mappings")
    parser.add_argument("--format", choices=FORMATS, default="full", help="form of the output (default: full)")
    parser.add_argument(
        "--mappings", action="append", default=[], type=Path, metavar="DIR", help="mappings folder, repeatable"
    )


def run(args: argparse.Namespace) -> int:
    """Check the files and print what is wrong."""
    paths = args.paths or default_paths(args.mappings)
    missing = [path for path in paths if not path.exists()]
    if missing:
        print(f"ccproxy validate: no such file or folder: {missing[0]}", file=sys.stderr)
        return 2
    files, problems = check_files(find_files(paths), SchemaStore(find_data_dir("schemas")), Path.cwd())
    problems = sort_diagnostics(problems)
    sources = {file.display: file.text for file in files}
    print(render(problems, args.format, sources, wants_colour(sys.stdout, os.environ), len(files)), end="")
    if args.format in ("concise", "github"):
        print(summary(problems, len(files)), file=sys.stderr)
    return 0 if all(_is_advice(problem) for problem in problems) else 1


def _is_advice(problem: Diagnostic) -> bool:
    """Whether it is a warning about a configuration, which works all the same."""
    return problem.severity == "warning" and problem.code.startswith("C")


def default_paths(mappings: Sequence[Path]) -> list[Path]:
    """All mapping folders, and the configuration of this folder."""
    config = Path(CONFIG_FILE)
    return [*find_data_dirs("mappings", mappings), *([config] if config.is_file() else [])]


def check_files(
    paths: Iterable[Path], schemas: SchemaStore, folder: Path
) -> tuple[list[CheckedFile], list[Diagnostic]]:
    """Check text and shape of each file, then the meaning of all together."""
    files: list[CheckedFile] = []
    problems: list[Diagnostic] = []
    for path in paths:
        file, found = _check_file(path, schemas, folder)
        files.append(file)
        problems += found
    return files, [*problems, *_elsewhere(check_meaning(files), problems)]


def _check_file(path: Path, schemas: SchemaStore, folder: Path) -> tuple[CheckedFile, list[Diagnostic]]:
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


def _elsewhere(later: Iterable[Diagnostic], earlier: Sequence[Diagnostic]) -> list[Diagnostic]:
    """One mistake gives one problem: what an earlier check reported at a place stands for the later ones."""
    reported = {(problem.span.file, problem.span.line, problem.span.column) for problem in earlier}
    return [each for each in later if (each.span.file, each.span.line, each.span.column) not in reported]

"""`ccproxy validate`: everything that can be known of YAML files before they run."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ccproxy.cli.file_kinds import CONFIG_FILE, find_files, shown_path
from ccproxy.cli.past_checks import past_check, recall, remember
from ccproxy.cli.subparsers import Subparsers
from ccproxy.cli.terminal import wants_colour
from ccproxy.datadirs import find_data_dir, find_data_dirs
from ccproxy.diagnostics.model import Diagnostic, sort_diagnostics
from ccproxy.diagnostics.render import FORMATS, render, summary

ACCEPTED = ("E501",)  # codes of problems that accepting ends


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
    parser.add_argument("--watch", action="store_true", help="go on, and check each file again when it is saved")
    parser.add_argument(
        "--accept", action="store_true", help="write what the protocols give now into their examples.jsonl"
    )


def run(args: argparse.Namespace) -> int:
    """Check the files and print what is wrong."""
    paths = args.paths or default_paths(args.mappings)
    missing = [path for path in paths if not path.exists()]
    if missing:
        print(f"ccproxy validate: no such file or folder: {missing[0]}", file=sys.stderr)
        return 2
    if args.watch:
        from ccproxy.cli.watching import watch  # noqa: PLC0415

        return watch(paths, args.format)
    files = find_files(paths)
    problems = sort_diagnostics(_problems(files))
    if args.accept:
        return _accept(files, problems)
    print(
        render(problems, args.format, _sources(files, problems), wants_colour(sys.stdout, os.environ), len(files)),
        end="",
    )
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


def _problems(files: Sequence[Path]) -> list[Diagnostic]:
    """Problems as they were told of the very same files, else as they are found now."""
    kept = None if any(file.name == CONFIG_FILE for file in files) else past_check(files)
    known = recall(kept) if kept else None
    if known is not None:
        return known
    gc.disable()  # a check makes much that lives to its end
    from ccproxy.cli.checking import check_files  # noqa: PLC0415
    from ccproxy.yamltree.schema_store import SchemaStore  # noqa: PLC0415

    checked, problems = check_files(files, SchemaStore(find_data_dir("schemas")), Path.cwd())
    gc.enable()
    if kept and not any(file.schema == "config" for file in checked):
        remember(kept, problems)
    return problems


def _sources(files: Sequence[Path], problems: Sequence[Diagnostic]) -> dict[str, str]:
    """The texts that frames are cut from."""
    if not problems:
        return {}
    shown = {shown_path(file, Path.cwd()): file for file in files}
    return {display: file.read_text(encoding="utf-8", errors="replace") for display, file in shown.items()}


def _accept(files: Sequence[Path], problems: Sequence[Diagnostic]) -> int:
    """Renew the examples of the protocols among the files, unless something else is wrong."""
    from ccproxy.cli.accepting import accept  # noqa: PLC0415

    wrong = [problem for problem in problems if problem.code not in ACCEPTED]
    if wrong:
        print(render(wrong, "full", _sources(files, wrong), wants_colour(sys.stdout, os.environ), len(files)), end="")
        return 1
    folders = dict.fromkeys(file.resolve().parent for file in files)
    for line in accept([folder for folder in folders if (folder / "protocol.yaml").is_file()]):
        print(line)
    return 0

"""Command line of the generator; see the package."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from ccproxy.datadirs import find_data_dir
from ccproxy.schemagen.generation import generate, write_schemas
from ccproxy.schemagen.plan import load_plans


def main(arguments: list[str] | None = None) -> int:
    """Write the schemas, or with `--check` print how the files differ from what would be written."""
    parser = argparse.ArgumentParser(prog="python -m ccproxy.schemagen", description=main.__doc__)
    parser.add_argument("protocols", nargs="*", help="only these (default: all)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file would change")
    options = parser.parse_args(arguments)
    folder = find_data_dir("schemas") / "wire"
    plans = load_plans(folder / "additions")
    wanted = options.protocols or [plan.protocol for plan in plans]
    files = dict(file for plan in plans if plan.protocol in wanted for file in generate(plan))
    if not options.check:
        write_schemas(folder, files)
        return 0
    lines = list(render_difference(folder, files))
    sys.stdout.writelines(lines)
    return 1 if lines else 0


def render_difference(folder: Path, files: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a unified diff from the files on disk to the generated ones."""
    for name, text in sorted(files.items()):
        path = folder / name
        old = path.read_text(encoding="utf-8") if path.is_file() else ""
        yield from difflib.unified_diff(
            old.splitlines(keepends=True), text.splitlines(keepends=True), f"wire/{name}", f"generated/{name}", n=2
        )


if __name__ == "__main__":
    sys.exit(main())

"""`ccproxy compile --show`: the Python that a mapping becomes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ccproxy.cli.mappings_option import add_mappings_option, load_engine
from ccproxy.conversion.errors import MappingError
from ccproxy.mapping.compiled import generate_quirk

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from ccproxy.cli.subparsers import Subparsers
    from ccproxy.mapping.compiled import Generated

EXAMPLE = "example: ccproxy compile --show claude"


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("compile", help="compile mappings and show the Python they become", epilog=EXAMPLE)
    parser.add_argument("names", nargs="*", metavar="NAME", help="protocols or quirks (default: all)")
    parser.add_argument("--show", action="store_true", help="print the source, each line with its rule")
    add_mappings_option(parser)


def run(args: argparse.Namespace) -> int:
    try:
        engine = load_engine(args.mappings)
    except MappingError as error:
        print(error, file=sys.stderr)
        return 1
    names = args.names or [*engine.protocols, *engine.tree.quirks]
    for name in names:
        if name in engine.protocols:
            generated = engine.dialect(name).generated
        elif name in engine.tree.quirks:
            generated = generate_quirk(engine.tree.quirks[name], engine.tree.tables)
        else:
            print(f"no protocol or quirk `{name}`", file=sys.stderr)
            return 2
        for line in listing(generated) if args.show else [f"{generated.name}: {len(generated.places)} lines"]:
            print(line)
    return 0


def listing(generated: Generated) -> Iterator[str]:
    """The source with the mapping place of each line in a comment, where it changes."""
    last = ""
    for line, place in zip(generated.source.splitlines(), generated.places, strict=False):
        where = f"{place.file}:{place.line}" if place else ""
        yield f"{line:<100}  # {where}" if where and where != last else line
        last = where

"""`ccproxy compile --show`: the Python that a mapping becomes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ccproxy.cli.mappings_option import add_mappings_option, mapping_roots
from ccproxy.conversion.engine import Engine
from ccproxy.conversion.errors import MappingError
from ccproxy.conversion.from_source import open_source_library
from ccproxy.mapping.codegen.framing import Framing

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from ccproxy.cli.subparsers import Subparsers
    from ccproxy.mapping.generated import Generated

EXAMPLE = "example: ccproxy compile --show claude"


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("compile", help="compile mappings and show the Python they become", epilog=EXAMPLE)
    parser.add_argument("names", nargs="*", metavar="NAME", help="protocols or quirks (default: all)")
    parser.add_argument("--show", action="store_true", help="print the source, each line with its rule")
    add_mappings_option(parser)


def run(args: argparse.Namespace) -> int:
    try:
        library = open_source_library(mapping_roots(args.mappings))
        engine = Engine(library)
    except MappingError as error:
        print(error, file=sys.stderr)
        return 1
    quirks = library.index.quirks
    names = args.names or [*engine.protocols, *quirks]
    for name in names:
        if name in engine.protocols:
            stream = engine.protocols[name].stream
            generated = library.folder(name, Framing(stream.framing, stream.event_name))
        elif name in quirks:
            generated = library.quirk(name)
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

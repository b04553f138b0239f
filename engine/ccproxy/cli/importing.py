"""`ccproxy import`: make sessions of VCR cassettes and HAR files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.cli.mappings_option import add_mappings_option, mapping_roots
from ccproxy.config.recording import RedactionSettings
from ccproxy.conversion.errors import MappingError
from ccproxy.record.cassettes import CassetteError, read_cassette
from ccproxy.record.importing import Importer, NotImportableError
from ccproxy.record.replaying import open_stage
from ccproxy.record.rules import RulesError, load_rules
from ccproxy.record.writing import write_session

if TYPE_CHECKING:
    import argparse

    from ccproxy.cli.subparsers import Subparsers

EXAMPLE: Final = "example: ccproxy import tests/cassettes/chat.yaml -o sessions/ --client claude"


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser("import", help="make sessions of VCR cassettes and HAR files", epilog=EXAMPLE)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="VCR cassettes (YAML or JSON), HAR files")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder for the sessions")
    parser.add_argument(
        "--client", metavar="P", help="protocol of the client (default: the provider's own, which converts nothing)"
    )
    parser.add_argument("--prose", action="store_true", help="replace what people and models say by letters")
    add_mappings_option(parser)


def run(args: argparse.Namespace) -> int:
    """Import: 0 everything, 1 some exchanges could not be, 2 wrong usage."""
    roots = mapping_roots(args.mappings)
    try:
        stage = open_stage(roots)
        importer = Importer(stage, load_rules(roots, RedactionSettings(prose=args.prose)), args.client)
    except (MappingError, RulesError) as error:
        print(f"ccproxy import: {error}", file=sys.stderr)
        return 2
    if args.client is not None and args.client not in stage.engine.protocols:
        known = ", ".join(sorted(stage.engine.protocols))
        print(f"ccproxy import: no protocol `{args.client}`; there are {known}", file=sys.stderr)
        return 2
    made = failed = 0
    for file in args.files:
        try:
            exchanges = read_cassette(file)
        except (CassetteError, OSError) as error:
            print(f"ccproxy import: {error}", file=sys.stderr)
            return 2
        for number, exchanged in enumerate(exchanges, 1):
            try:
                print(write_session(args.output, importer.session(exchanged, f"{file.name}, exchange {number}")))
                made += 1
            except NotImportableError as reason:
                failed += 1
                print(f"{file}: exchange {number}: {reason}", file=sys.stderr)
    print(f"ccproxy import: {made} sessions made, {failed} exchanges left out", file=sys.stderr)
    return 1 if failed else 0

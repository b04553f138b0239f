"""`ccproxy convert`: convert one message offline."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ccproxy.cli.mappings_option import add_mappings_option, load_engine
from ccproxy.conversion.errors import MappingError, MappingFailure, RequestRejected, UpstreamError
from ccproxy.wire.frames import dump_json

if TYPE_CHECKING:
    import argparse

    from ccproxy.cli.subparsers import Subparsers
    from ccproxy.conversion.engine import Engine
    from ccproxy.jsontypes import Json

    JsonObject = dict[str, Json]

KINDS = ("request", "response", "stream", "error")
EXAMPLE = "example: ccproxy convert --from claude --to gemini --kind request request.json"


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("convert", help="convert one message offline", epilog=EXAMPLE)
    parser.add_argument("--from", dest="source", required=True, metavar="P", help="protocol of the input")
    parser.add_argument("--to", dest="target", required=True, metavar="P", help="protocol of the output")
    parser.add_argument("--kind", choices=KINDS, default="request", help="what the input is (default: request)")
    parser.add_argument("--model", help="name of the model at the backend")
    parser.add_argument("--quirk", action="append", default=[], metavar="Q", help="apply this quirk too (repeatable)")
    parser.add_argument(
        "--request", type=Path, metavar="FILE", help="the client's request that a response or stream answers"
    )
    parser.add_argument("--status", type=int, default=400, help="HTTP status of an error (default: 400)")
    parser.add_argument("file", nargs="?", default="-", metavar="FILE|-", help="input (default: standard input)")
    add_mappings_option(parser)


def run(args: argparse.Namespace) -> int:
    try:
        engine = load_engine(args.mappings)
    except MappingError as error:
        print(error, file=sys.stderr)
        return 1
    unknown = [name for name in (args.source, args.target) if name not in (*engine.protocols, "unified")]
    if unknown:
        print(f"unknown protocol `{unknown[0]}`; there are {', '.join(sorted(engine.protocols))}", file=sys.stderr)
        return 2
    return _convert(engine, args)


def _convert(engine: Engine, args: argparse.Namespace) -> int:
    try:
        source = sys.stdin.buffer.read() if args.file == "-" else Path(args.file).read_bytes()
        sys.stdout.buffer.write(_output(engine, args, source))
    except OSError as error:
        print(f"ccproxy convert: cannot read {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except json.JSONDecodeError as error:
        print(f"{args.file}: not JSON: {error}", file=sys.stderr)
        return 2
    except (RequestRejected, UpstreamError) as refused:
        print(dump_json(cast("Json", {"error": refused.error})).decode(), file=sys.stderr)
        return 1
    except MappingFailure as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def _output(engine: Engine, args: argparse.Namespace, source: bytes) -> bytes:
    request = json.loads(args.request.read_bytes()) if args.request else None
    if args.kind == "stream":
        stream = engine.stream(args.source, args.target, request)
        return stream.feed(source) + stream.close()
    return dump_json(_document(engine, args, json.loads(source), request)) + b"\n"


def _document(engine: Engine, args: argparse.Namespace, body: JsonObject, request: JsonObject | None) -> Json:
    match args.kind:
        case "request":
            exchange = engine.open(args.source, args.target, body, model=args.model, quirks=args.quirk)
            for label, reason in exchange.losses:
                print(f"dropped {label}: {reason}", file=sys.stderr)
            return exchange.upstream_request
        case "response":
            return engine.response(body, args.source, args.target, request)
        case _:
            status, error = engine.error(args.status, body, args.source, args.target)
            return {"status": status, "body": error}

"""`ccproxy trace`: show every stage of one message or session, and the rule behind every field."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.cli.mappings_option import add_mappings_option, mapping_roots
from ccproxy.cli.terminal import wants_colour
from ccproxy.conversion.errors import MappingError
from ccproxy.record.reading import SessionError, read_session
from ccproxy.record.session import META
from ccproxy.trace.files import files_of
from ccproxy.trace.json_form import trace_json
from ccproxy.trace.terminal import render_terminal
from ccproxy.trace.tracing import KINDS, Message, open_tracer
from ccproxy.wire.frames import dump_json

if TYPE_CHECKING:
    import argparse

    from ccproxy.cli.subparsers import Subparsers
    from ccproxy.jsontypes import JsonObject
    from ccproxy.trace.files import Files
    from ccproxy.trace.model import Trace
    from ccproxy.trace.tracing import Tracer

EXAMPLE: Final = "example: ccproxy trace --from claude --to gemini --kind request request.json"
FORMATS: Final = ("terminal", "json", "html")
USUAL_WIDTH: Final = 100
WRONG_USAGE: Final = 2


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser(
        "trace",
        help="show every stage of a conversion and the rule behind every field",
        description="Convert one message, or play a recorded session, and show what became of every field and why.",
        epilog=EXAMPLE,
    )
    parser.add_argument("--from", dest="source", metavar="P", help="protocol of the input")
    parser.add_argument("--to", dest="target", metavar="P", help="protocol of the output")
    parser.add_argument("--kind", choices=KINDS, default="request", help="what the input is (default: request)")
    parser.add_argument("--model", help="name of the model at the backend")
    parser.add_argument("--quirk", action="append", default=[], metavar="Q", help="apply this quirk too (repeatable)")
    parser.add_argument(
        "--request", type=Path, metavar="FILE", help="the client's request that a response or stream answers"
    )
    parser.add_argument("--status", type=int, default=400, help="HTTP status of an error (default: 400)")
    parser.add_argument("--format", choices=FORMATS, default="terminal", help="form of the output (default: terminal)")
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", help="write to this file")
    parser.add_argument(
        "file", nargs="?", default="-", metavar="FILE|-|DIR", help="a message, or the folder of a recorded session"
    )
    add_mappings_option(parser)


def run(args: argparse.Namespace) -> int:
    """Trace and show: 0 fine, 1 the conversion ended early, 2 wrong usage."""
    roots = mapping_roots(args.mappings)
    try:
        trace = _trace(args, open_tracer(roots))
        _write(args, _rendered(args, trace, files_of(roots)))
    except MappingError as error:
        print(error, file=sys.stderr)
        return 1
    except (UsageError, SessionError) as error:
        print(f"ccproxy trace: {error}", file=sys.stderr)
        return WRONG_USAGE
    except OSError as error:
        print(f"ccproxy trace: {error.filename}: {error.strerror}", file=sys.stderr)
        return WRONG_USAGE
    return 1 if trace.failure else 0


class UsageError(Exception):
    """What was asked for cannot be traced."""


def _trace(args: argparse.Namespace, tracer: Tracer) -> Trace:
    folder = Path(args.file)
    if folder.is_dir() or folder.name == META:
        return tracer.session(read_session(folder if folder.is_dir() else folder.parent))
    protocols = tracer.source.index.protocols
    for option, name in (("--from", args.source), ("--to", args.target)):
        if name is None:
            raise UsageError(f"say {option}, or name the folder of a recorded session")
        if name not in protocols:
            raise UsageError(f"unknown protocol `{name}`; there are {', '.join(sorted(protocols))}")
    unknown = [name for name in args.quirk if name not in tracer.source.index.quirks]
    if unknown:
        raise UsageError(f"unknown quirk `{unknown[0]}`")
    return tracer.message(_message(args), time.time())


def _message(args: argparse.Namespace) -> Message:
    data = sys.stdin.buffer.read() if args.file == "-" else Path(args.file).read_bytes()
    request = _parsed(args.request.read_bytes(), args.request) if args.request else None
    if args.kind in ("request", "response"):
        _parsed(data, args.file)
    quirks = tuple(args.quirk)
    return Message(args.kind, args.source, args.target, data, args.model, quirks, request, args.status)


def _parsed(data: bytes, name: object) -> JsonObject:
    try:
        value: JsonObject = json.loads(data)
    except ValueError as error:
        raise UsageError(f"{name}: not JSON: {error}") from None
    if not isinstance(value, dict):
        raise UsageError(f"{name}: not a JSON object")
    return value


def _rendered(args: argparse.Namespace, trace: Trace, files: Files) -> bytes:
    match args.format:
        case "json":
            return bytes(dump_json(trace_json(trace, files))) + b"\n"
        case "html":
            from ccproxy.trace.page import render_page  # noqa: PLC0415  (loads a template engine)

            return render_page(trace, files).encode()
        case _:
            colour = args.output is None and wants_colour(sys.stdout, os.environ)
            width = shutil.get_terminal_size((USUAL_WIDTH, 0)).columns
            return render_terminal(trace, files, colour=colour, width=width).encode()


def _write(args: argparse.Namespace, data: bytes) -> None:
    if args.output is not None:
        args.output.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

"""`ccproxy explain CODE`: what a diagnostic means."""

import argparse
import sys

from ccproxy.cli.subparsers import Subparsers
from ccproxy.diagnostics.codes import CODES, explain
from ccproxy.diagnostics.suggest import closest


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser(
        "explain", help="tell what a diagnostic code means", epilog="example: ccproxy explain X302"
    )
    parser.add_argument("code", nargs="?", metavar="CODE", help="a code such as X302; left out, all are listed")


def run(args: argparse.Namespace) -> int:
    """Print the explanation, or the list of codes."""
    if args.code is None:
        print(list_codes())
        return 0
    if args.code.upper() not in CODES:
        print(_unknown(args.code), file=sys.stderr)
        return 2
    print(explain(args.code), end="")
    return 0


def list_codes() -> str:
    """One line per code."""
    return "\n".join(f"{info.code}  {info.title}" for info in CODES.values())


def _unknown(code: str) -> str:
    near = closest(code.upper(), CODES)
    question = f"; did you mean {near}?" if near else "; `ccproxy explain` lists all"
    return f"ccproxy explain: no code {code}{question}"

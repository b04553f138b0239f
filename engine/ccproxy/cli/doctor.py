"""`ccproxy doctor`: everything that `serve` needs, looked at before somebody misses it."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Final

from ccproxy.cli.asking import Asker
from ccproxy.cli.findings import Finding, State, as_lines
from ccproxy.cli.local_checks import local_findings
from ccproxy.cli.mappings_option import add_mappings_option
from ccproxy.cli.precompile import check_ahead
from ccproxy.cli.provider_checks import check_providers, clock_finding
from ccproxy.cli.setup import add_config_option, load_setup, render_problems
from ccproxy.config.model_facts import ModelBook
from ccproxy.config.units import parse_duration
from ccproxy.conversion.errors import MappingError

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from ccproxy.cli.setup import Setup
    from ccproxy.cli.subparsers import Subparsers
    from ccproxy.jsontypes import Json

EXAMPLE: Final = "example: ccproxy doctor --config ccproxy.yaml"
FORMATS: Final = ("full", "json")


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser(
        "doctor",
        help="check the configuration, each provider, the clock and the port",
        description="Each key of each provider is tried with a request of a few tokens. Exit 0 well, 1 something "
        "is broken.",
        epilog=EXAMPLE,
    )
    parser.add_argument("--offline", action="store_true", help="ask no provider")
    parser.add_argument("--timeout", default="20s", metavar="T", help="time for each request (default: 20s)")
    parser.add_argument("--format", choices=FORMATS, default="full", help="form of the output (default: full)")
    add_config_option(parser)
    add_mappings_option(parser)


def run(args: argparse.Namespace) -> int:
    """Examine and tell: 0 well, 1 something is broken, 2 wrong usage."""
    seconds = parse_duration(args.timeout)
    if not seconds:
        print(f"ccproxy doctor: `{args.timeout}` is not a duration; write `20s`", file=sys.stderr)
        return 2
    try:
        if errors := check_ahead(args.mappings):
            raise MappingError(errors)
        setup = load_setup(args.config, args.mappings)
    except MappingError as error:
        print(render_problems(error.diagnostics) or error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"ccproxy doctor: cannot read {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    if setup.problems:
        print(render_problems(setup.problems), file=sys.stderr)
    return asyncio.run(_report(setup, args.offline, seconds, args.format))


async def _report(setup: Setup, offline: bool, seconds: float, form: str) -> int:
    found: list[Finding] = []
    async for finding in examine(setup, offline, seconds):
        found.append(finding)
        if form == "full":
            print("\n".join(as_lines([finding])), flush=True)
    if form == "json":
        told: list[Json] = [finding.as_json() for finding in found]
        print(json.dumps(told, indent=2, ensure_ascii=False))
    return 1 if any(finding.state is State.BROKEN for finding in found) else 0


async def examine(setup: Setup, offline: bool, seconds: float) -> AsyncIterator[Finding]:
    """Yield what is found, as it is found."""
    for finding in local_findings(setup):
        yield finding
    if offline:
        return
    answers = []
    asker, book = Asker(setup.engine, seconds), ModelBook(setup.engine.providers)
    async for finding, answer in check_providers(setup.config, setup.presets, asker, book):
        yield finding
        if answer is not None:
            answers.append(answer)
    clock = clock_finding(answers)
    if clock is not None:
        yield clock

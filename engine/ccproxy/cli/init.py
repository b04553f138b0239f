"""`ccproxy init`: a first configuration from what can be found out, without a question."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.cli.checked_config import load_checked
from ccproxy.cli.discovery import discover
from ccproxy.cli.file_kinds import CONFIG_FILE
from ccproxy.cli.first_config import first_config
from ccproxy.cli.local_checks import can_listen
from ccproxy.cli.mappings_option import add_mappings_option
from ccproxy.cli.setup import load_mappings, render_problems
from ccproxy.config.environment import load_variables
from ccproxy.config.model import ServerSettings
from ccproxy.config.presets import build_presets
from ccproxy.routing.table import reserved_names

if TYPE_CHECKING:
    import argparse

    from ccproxy.cli.discovery import Discovery
    from ccproxy.cli.subparsers import Subparsers

EXAMPLE: Final = "example: ccproxy init && ccproxy serve"
PORTS_TRIED: Final = 20
VARIABLES_NAMED: Final = 6


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser(
        "init",
        help="write a configuration for what this machine has",
        description="Looks for keys of providers in the environment and in .env, for model servers on this machine, "
        "and for programs of clients. Only names of variables are written, never a key.",
        epilog=EXAMPLE,
    )
    parser.add_argument(
        "file", nargs="?", type=Path, default=Path(CONFIG_FILE), metavar="FILE", help=f"default: {CONFIG_FILE}"
    )
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    add_mappings_option(parser)


def run(args: argparse.Namespace) -> int:
    """Look around and write: 0 done, 1 there is a file already, or nothing to write about."""
    file: Path = args.file
    if file.exists() and not args.force:
        print(f"ccproxy init: there is a {file} already; --force replaces it", file=sys.stderr)
        return 1
    engine = load_mappings("init", args.mappings)
    if engine is None:
        return 1
    presets = build_presets(engine.library.index.providers)
    found = discover(engine, presets, load_variables(file.parent, os.environ))
    if not found.keyed and not found.servers:
        _tell_of_nothing([preset.key_variables[0] for preset in presets.values() if preset.key_variables])
        return 1
    usual = ServerSettings()
    port = _free_port(usual.host, usual.port)
    reserved = reserved_names(engine.protocols.values())
    text = first_config(found, port, usual.port, reserved)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"ccproxy init: cannot write {file}: {error.strerror}", file=sys.stderr)
        return 1
    problems = load_checked(file, os.environ, engine)[1]
    if problems:
        print(render_problems(problems), file=sys.stderr)
    _tell(file, found)
    return 0


def _free_port(host: str, usual: int) -> int:
    """Return the usual port, or the next one that nobody has."""
    return next((port for port in range(usual, usual + PORTS_TRIED) if can_listen(host, port)), usual)


def _tell(file: Path, found: Discovery) -> None:
    """Say what was written and what to do next."""
    for variable, preset in found.keyed.items():
        print(f"found  {preset.title}: ${variable}")
    for server in found.servers:
        count = len(server.models)
        print(f"found  {server.preset.title}: {count} model{'s' * (count != 1)} at {server.preset.base_url}")
    for recipe in found.clients:
        print(f"found  {recipe.title}")
    option = "" if file == Path(CONFIG_FILE) else f" --config {file}"
    print(f"wrote  {file}")
    print(f"next   ccproxy serve{option}")
    for recipe in found.clients:
        print(f'then   eval "$(ccproxy env {recipe.name}{option})" && {recipe.command}')


def _tell_of_nothing(variables: list[str]) -> None:
    some = ", ".join(dict.fromkeys(variables[:VARIABLES_NAMED]))
    print(
        "ccproxy init: no provider's key is in the environment and no model server runs on this machine.\n"
        f"Set a key ({some}, …) or start a server, then try again. `ccproxy serve` needs neither:\n"
        "it answers from recordings, which is good for trying clients.",
        file=sys.stderr,
    )

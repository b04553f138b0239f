"""`ccproxy mcp`: look at the MCP servers behind the proxy, call their tools, import servers, bridge to stdio."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.cli.mappings_option import add_mappings_option
from ccproxy.cli.setup import add_config_option, usable_setup

if TYPE_CHECKING:
    import argparse

    from ccproxy.cli.setup import Setup
    from ccproxy.cli.subparsers import Subparsers

EXAMPLE: Final = 'example: ccproxy mcp call read_file --args \'{"path": "README.md"}\''
FORMATS: Final = ("table", "json")
NO_SDK: Final = "ccproxy mcp: the MCP SDK is not installed (pip install mcp)"


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser("mcp", help="look at MCP servers, call tools, import servers", epilog=EXAMPLE)
    verbs = parser.add_subparsers(dest="action", metavar="list|tools|call|import|login|stdio")
    listing = verbs.add_parser("list", help="start each server and tell how it is", epilog="example: ccproxy mcp list")
    tools = verbs.add_parser("tools", help="list the tools that clients see", epilog="example: ccproxy mcp tools")
    call = verbs.add_parser("call", help="call a tool", epilog=EXAMPLE)
    importing = verbs.add_parser(
        "import",
        help="take over servers from a file with `mcpServers`",
        epilog="example: ccproxy mcp import claude_desktop_config.json",
    )
    login = verbs.add_parser("login", help="log in to a remote server", epilog="example: ccproxy mcp login github")
    stdio = verbs.add_parser(
        "stdio",
        help="be an MCP server on stdin and stdout, for clients that only start programs",
        epilog="example: ccproxy mcp stdio --group work",
    )
    call.add_argument("name", metavar="NAME", help="the tool, by the name that clients see")
    call.add_argument("--args", default="{}", metavar="JSON", help="its arguments (default: {})")
    importing.add_argument("file", type=Path, metavar="FILE", help="JSON file of another client")
    login.add_argument("name", metavar="NAME", help="the server, as in the configuration")
    stdio.add_argument("--url", metavar="URL", help="address of a running proxy (default: the configured one)")
    stdio.add_argument("--key", metavar="KEY", help="access key for it (default: $CCPROXY_KEY)")
    for each in (listing, tools, call):
        each.add_argument("--format", choices=FORMATS, default="table", help="form of the output (default: table)")
    for each in (tools, call, stdio):
        each.add_argument("--group", default="", metavar="G", help="as clients of this group see it (default: all)")
    for each in (listing, tools, call, importing, login, stdio):
        add_config_option(each)
        add_mappings_option(each)
    parser.set_defaults(config=None, mappings=[], format="table")


def run(args: argparse.Namespace) -> int:
    """Do it: 0 done, 1 failed, 2 wrong usage."""
    setup = usable_setup("mcp", args.config, args.mappings)
    if setup is None:
        return 1
    if args.action == "import":
        from ccproxy.cli.mcp_import import import_servers  # noqa: PLC0415 (each action costs only itself)

        return import_servers(setup, args.file)
    try:
        return asyncio.run(_run(setup, args))
    except ModuleNotFoundError as error:
        if error.name not in ("mcp", "mcp_types"):
            raise
        print(NO_SDK, file=sys.stderr)
        return 1


async def _run(setup: Setup, args: argparse.Namespace) -> int:
    from ccproxy.cli import mcp_actions as actions  # noqa: PLC0415 (loads the SDK)

    if args.action == "stdio":
        return await actions.bridge(setup, args.url, args.key, args.group)
    if not setup.config.mcp.enabled:
        print("ccproxy mcp: no servers are configured; see `mcp: { servers: … }`", file=sys.stderr)
        return 1
    if args.action == "login":
        from ccproxy.cli.mcp_login import log_in  # noqa: PLC0415

        return await log_in(setup, args.name)
    if args.action == "tools":
        return await actions.show_tools(setup, args.group, args.format)
    if args.action == "call":
        arguments = _arguments(args.args)
        if arguments is None:
            print("ccproxy mcp call: --args must be a JSON object", file=sys.stderr)
            return 2
        return await actions.call_tool(setup, args.group, args.name, arguments, args.format)
    return await actions.show_servers(setup, args.format)


def _arguments(text: str) -> dict[str, object] | None:
    try:
        arguments = json.loads(text)
    except ValueError:
        return None
    return arguments if isinstance(arguments, dict) else None

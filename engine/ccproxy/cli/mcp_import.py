"""`ccproxy mcp import`: servers from the JSON file of another client into the configuration."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Final

from ccproxy.cli.changing import change_file

if TYPE_CHECKING:
    from pathlib import Path

    from ccproxy.cli.setup import Setup
    from ccproxy.jsontypes import Json, JsonObject

_KEPT: Final = ("command", "args", "env", "cwd", "url", "headers", "disabled")
_SECTIONS: Final = ("mcpServers", "servers")
_EDITOR_VARIABLE: Final = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")


def import_servers(setup: Setup, file: Path) -> int:
    """Add a file's servers to the configuration: 0 done, 1 cannot, 2 no servers in the file."""
    try:
        found = servers_in(json.loads(file.read_text("utf-8-sig")))
    except OSError as error:
        print(f"ccproxy mcp import: cannot read {file}: {error.strerror}", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"ccproxy mcp import: {file} is not JSON: {error}", file=sys.stderr)
        return 1
    if not found:
        print(f"ccproxy mcp import: {file} has no `mcpServers`", file=sys.stderr)
        return 2
    known = set(setup.config.mcp.servers)
    fresh = {name: server for name, server in found.items() if name not in known}

    def change(config: JsonObject) -> None:
        section = config.setdefault("mcp", {})
        assert isinstance(section, dict)
        servers = section.setdefault("servers", {})
        assert isinstance(servers, dict)
        servers.update(fresh)

    if fresh and not change_file("mcp import", setup, change):
        return 1
    for name in found:
        print(f"{name}: {'there is one of this name already' if name in known else 'imported'}", file=sys.stderr)
    return 0


def servers_in(content: Json) -> dict[str, Json]:
    """Return the servers of a file as the configuration writes them."""
    section = next((content[name] for name in _SECTIONS if name in content), {}) if isinstance(content, dict) else {}
    servers = section if isinstance(section, dict) else {}
    return {name: _server(entry) for name, entry in servers.items() if isinstance(entry, dict)}


def _server(entry: JsonObject) -> JsonObject:
    server: JsonObject = {name: _plain(entry[name]) for name in _KEPT if entry.get(name) not in (None, [], {}, False)}
    if entry.get("type") == "sse" or entry.get("transport") == "sse":
        server["transport"] = "sse"
    return server


def _plain(value: Json) -> Json:
    """Write variables as the configuration does."""
    if isinstance(value, str):
        return _EDITOR_VARIABLE.sub(r"${\1}", value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, dict) else value

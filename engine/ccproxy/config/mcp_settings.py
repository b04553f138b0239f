"""What the `mcp:` section says, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

NO_SERVER: Final = ""  # not the name of any; an empty list of servers would stand for all


@dataclass(frozen=True, slots=True)
class McpOAuth:
    """How to get a token for a remote server; without a secret a person logs in with `ccproxy mcp login`."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class McpServer:
    """One MCP server: a program to start, or an address."""

    name: str
    command: str = ""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str | None = None
    url: str = ""
    sse: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    oauth: McpOAuth | None = None
    disabled: bool = False
    eager: bool = False
    own_sessions: bool = False
    timeout_s: float = 60.0
    connect_s: float = 60.0
    disabled_tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class McpGroup:
    """What a group may use; empty means everything.

    Each tool must be among the `tools`, and as `server.tool` among the `allowed` ones.
    """

    servers: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class McpInject:
    """Which tools models of the chat routes may call inside the proxy: none unless they are named.

    `groups` are those whose requests get them, all when empty. `rounds` is how often the tools of one answer are run,
    `timeout_s` how long one call may take, `max_result_bytes` how much of a result the model sees.
    """

    tools: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    rounds: int = 5
    timeout_s: float = 60.0
    max_result_bytes: int = 256 * 1024

    def is_for(self, group: str) -> bool:
        """Whether requests of a group get tools."""
        return bool(self.tools) and (not self.groups or group in self.groups)

    def narrows(self, group: McpGroup, servers: Iterable[str]) -> McpGroup:
        """Return what of a group's servers and tools models may use."""
        named = [
            server
            for server in servers
            if (not group.servers or server in group.servers)
            and any(pattern_is_of(pattern, server) for pattern in self.tools)
        ]
        return McpGroup(tuple(named) or (NO_SERVER,), group.tools, self.tools)


@dataclass(frozen=True, slots=True)
class McpSettings:
    """Everything that the section says; file names are relative to `folder`, where the configuration is."""

    servers: Mapping[str, McpServer] = field(default_factory=dict)
    disabled_tools: tuple[str, ...] = ()
    groups: Mapping[str, McpGroup] = field(default_factory=dict)
    max_sessions: int = 200
    session_life_s: float = 7 * 86400.0
    session_idle_s: float = 1800.0
    max_message_bytes: int = 4 * 1024 * 1024
    page_size: int = 1000
    allowed_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    inject: McpInject = McpInject()
    folder: str = "."

    @property
    def enabled(self) -> bool:
        """Whether there is a server to offer."""
        return any(not server.disabled for server in self.servers.values())


def pattern_is_of(pattern: str, server: str) -> bool:
    """Whether a pattern `server.tool` can name tools of a server."""
    return pattern.startswith(f"{server}.") or fnmatchcase(server, pattern.partition(".")[0])

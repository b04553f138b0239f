"""What the `mcp:` section says, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    """What a group may use; empty means everything."""

    servers: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()


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
    folder: str = "."

    @property
    def enabled(self) -> bool:
        """Whether there is a server to offer."""
        return any(not server.disabled for server in self.servers.values())

"""What a configuration says, as frozen values. Durations are seconds, sizes are bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ccproxy.config.mcp_settings import McpSettings
from ccproxy.config.recording import RecordingSettings
from ccproxy.policy.policy import NO_POLICY, Policy

DEFAULT_GROUP: Final = "default"
SAME_MODEL: Final = "*"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the proxy listens and what it accepts."""

    host: str = "127.0.0.1"
    port: int = 11434
    workers: int = 1
    max_body_bytes: int = 64 * 1024 * 1024
    keep_alive_every_s: float = 15.0
    shutdown_after_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent in a period: `day` and `month` are of the calendar in UTC, `total` is for ever."""

    per: str
    usd: float | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key that a client may present; only its SHA-256 digest is kept. It expires at a unix time."""

    name: str
    digest: bytes = field(repr=False)
    groups: tuple[str, ...] = ()
    expires: float | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    budget: Budget | None = None
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long an upstream may take to connect, to begin its answer, and between two pieces of it."""

    connect_s: float = 10.0
    first_byte_s: float = 600.0
    idle_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Provider:
    """One upstream account: where it is, what it speaks, its keys, and the outbound proxy of each key."""

    name: str
    protocol: str
    base_url: str
    keys: tuple[str, ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeouts: Timeouts = field(default_factory=Timeouts)
    quirks: tuple[str, ...] = ()
    proxies: tuple[str, ...] = field(default=(), repr=False)

    def proxy_for(self, key: str | None) -> str | None:
        """The outbound proxy of requests with a key, as the configuration writes it; None where it says nothing."""
        if not self.proxies:
            return None
        index = self.keys.index(key) if key in self.keys else 0
        return self.proxies[index % len(self.proxies)]


@dataclass(frozen=True, slots=True)
class Target:
    """A model of a provider; the model `*` stands for the name that the client sent."""

    provider: str
    model: str
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """A name or pattern that clients ask for, and the targets that answer it; a strict one refuses to lose anything."""

    pattern: str
    targets: tuple[Target, ...]
    strict: bool = False
    policy: Policy = NO_POLICY


@dataclass(frozen=True, slots=True)
class Group:
    """A set of aliases; what it sets for its requests is in their policies."""

    name: str
    aliases: tuple[Alias, ...] = ()
    fallback_group: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Resilience:
    """Tries after a failure, the rest that a failing key gets, and whether a conversation stays with one target.

    A further try may begin until `retry_for_s` after the request came.
    """

    retries: int = 2
    cooldown_s: float = 60.0
    retry_for_s: float = 30.0
    sticky: bool = False


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What is written about requests.

    `requests` and the four that follow are about one line per request: its form, the file (none: standard error), and
    how large the file may become before it is set aside, and how many set aside are kept.
    """

    requests: bool = False
    format: str = "text"
    file: str = ""
    max_file_bytes: int = 16 * 1024 * 1024
    keep_files: int = 5
    traffic: bool = False
    dir: str = "logs"
    recording: RecordingSettings = field(default_factory=RecordingSettings)


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; without prices of their own, cached tokens cost what others do."""

    input: float = 0.0
    output: float = 0.0
    cache_read: float | None = None
    cache_write: float | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that a configuration file says; `watched` are other files that it was made from, such as prompts."""

    server: ServerSettings = field(default_factory=ServerSettings)
    access: tuple[AccessKey, ...] = ()
    providers: Mapping[str, Provider] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    active_group: str = DEFAULT_GROUP
    resilience: Resilience = field(default_factory=Resilience)
    log: LogSettings = field(default_factory=LogSettings)
    state: str | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)
    mcp: McpSettings = field(default_factory=McpSettings)
    watched: tuple[Path, ...] = ()

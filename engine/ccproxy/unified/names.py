"""The tool names of one exchange: what the client calls a tool and what the upstream calls it."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from ccproxy.unified.model import CallKind


@dataclass(frozen=True, slots=True)
class ToolIdentity:
    """A tool as its client declared it.

    A `wrapped` one takes free text but went upstream as a function; `properties` are the client's names of
    arguments that go by another name upstream.
    """

    name: str
    kind: CallKind = "function"
    namespace: str | None = None
    wrapped: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NameMap:
    """Restores names in answers. Tools that need nothing restored are not in it.

    `call_ids` are the ids of the conversation so far, as the client knows them: a new call must not reuse one.
    """

    identities: Mapping[str, ToolIdentity] = field(default_factory=dict)
    call_ids: AbstractSet[str] = frozenset()


NO_NAMES = NameMap()

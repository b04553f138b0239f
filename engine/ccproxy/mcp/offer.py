"""What servers offer: tools, prompts, resources and templates, joined under one set of names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mcp.shared.uri_template import InvalidUriTemplate, UriTemplate

from ccproxy.mcp.naming import assign_names

if TYPE_CHECKING:
    from ccproxy.config.mcp_settings import McpGroup, McpSettings

Thing: TypeAlias = dict[str, Any]

# Kind of thing -> the method that lists it, and the capability that a server needs for it.
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "tools": ("tools/list", "tools"),
    "prompts": ("prompts/list", "prompts"),
    "resources": ("resources/list", "resources"),
    "resourceTemplates": ("resources/templates/list", "resources"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What one server offers, as it says it."""

    things: Mapping[str, tuple[Thing, ...]] = field(default_factory=dict)
    instructions: str = ""
    extensions: Mapping[str, Any] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[Thing, ...]:
        """Return the things of a kind."""
        return self.things.get(kind, ())

    def to_json(self) -> Thing:
        """Return it for keeping."""
        return {"things": self.things, "instructions": self.instructions, "extensions": self.extensions}


def offer_from_json(kept: Mapping[str, Any]) -> Offer:
    """Return a kept offer."""
    things = {kind: tuple(kept["things"].get(kind, ())) for kind in KINDS}
    return Offer(things, kept.get("instructions", ""), kept.get("extensions", {}))


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing as clients see it, and where it comes from."""

    server: str
    name: str
    shown: Thing


@dataclass(frozen=True, slots=True)
class Joined:
    """What some servers offer together, by the names that clients use."""

    tools: Mapping[str, Entry] = field(default_factory=dict)
    prompts: Mapping[str, Entry] = field(default_factory=dict)
    resources: Mapping[str, Entry] = field(default_factory=dict)
    templates: Mapping[str, Entry] = field(default_factory=dict)

    def server_of_uri(self, uri: str) -> str | None:
        """Return the server of a resource that is listed, or that a template covers."""
        if uri in self.resources:
            return self.resources[uri].server
        if uri in self.templates:
            return self.templates[uri].server
        return next((entry.server for template, entry in self.templates.items() if _covers(template, uri)), None)


def join(offers: Mapping[str, Offer], settings: McpSettings) -> Joined:
    """Join the offers of servers; names depend on the offers only. The first server, by name, keeps a shared URI."""
    hidden = _hidden(settings)
    tools = {
        server: [tool for tool in offer.of("tools") if not hidden(server, tool["name"])]
        for server, offer in sorted(offers.items())
    }
    prompts = {server: list(offer.of("prompts")) for server, offer in sorted(offers.items())}
    return Joined(
        tools=_by_shown_name(tools),
        prompts=_by_shown_name(prompts),
        resources=_by_uri(offers, "resources", "uri"),
        templates=_by_uri(offers, "resourceTemplates", "uriTemplate"),
    )


def narrow(joined: Joined, group: McpGroup) -> Joined:
    """Keep what a group may use, under the same names."""

    def admits(entry: Entry) -> bool:
        return not group.servers or entry.server in group.servers

    def admits_tool(entry: Entry) -> bool:
        listed = not group.tools or matches(entry.server, entry.name, group.tools)
        return admits(entry) and listed and (not group.allowed or is_allowed(entry, group.allowed))

    return Joined(
        {name: entry for name, entry in joined.tools.items() if admits_tool(entry)},
        {name: entry for name, entry in joined.prompts.items() if admits(entry)},
        {name: entry for name, entry in joined.resources.items() if admits(entry)},
        {name: entry for name, entry in joined.templates.items() if admits(entry)},
    )


def matches(server: str, tool: str, patterns: Iterable[str]) -> bool:
    """Whether `server.tool`, or the tool alone, is one of the patterns."""
    return any(fnmatchcase(f"{server}.{tool}", pattern) or fnmatchcase(tool, pattern) for pattern in patterns)


def is_allowed(entry: Entry, patterns: Iterable[str]) -> bool:
    """Whether a tool is one of the patterns `server.tool`; what a server calls its tools cannot make it another's."""
    return any(fnmatchcase(f"{entry.server}.{entry.name}", pattern) for pattern in patterns)


def _hidden(settings: McpSettings) -> Callable[[str, str], bool]:
    def hidden(server: str, tool: str) -> bool:
        own = settings.servers[server].disabled_tools if server in settings.servers else ()
        named = any(fnmatchcase(f"{server}.{tool}", pattern) for pattern in settings.disabled_tools)
        return named or any(fnmatchcase(tool, pattern) for pattern in own)

    return hidden


def _by_shown_name(things: Mapping[str, list[Thing]]) -> dict[str, Entry]:
    names = assign_names({server: [thing["name"] for thing in offered] for server, offered in things.items()})
    shown = {}
    for server, offered in things.items():
        for thing in offered:
            name = names[server, thing["name"]]
            shown[name] = Entry(server, thing["name"], {**thing, "name": name})
    return shown


def _by_uri(offers: Mapping[str, Offer], kind: str, field_name: str) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for server, offer in sorted(offers.items()):
        for thing in offer.of(kind):
            found.setdefault(thing[field_name], Entry(server, thing[field_name], thing))
    return found


def _covers(template: str, uri: str) -> bool:
    try:
        return UriTemplate.parse(template).match(uri) is not None
    except InvalidUriTemplate:
        return False

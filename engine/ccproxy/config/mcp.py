"""The `mcp:` section: servers behind the proxy, what of them is offered to whom, and how long sessions live."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ccproxy.config.groups import report_unknown_group
from ccproxy.config.mcp_settings import McpGroup, McpInject, McpOAuth, McpServer, McpSettings, pattern_is_of
from ccproxy.config.section import Section
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.yamltree.nodes import ListNode

if TYPE_CHECKING:
    from ccproxy.config.section import Reading
    from ccproxy.yamltree.nodes import Node


def read_mcp(section: Section, groups: Collection[str], reading: Reading) -> McpSettings:
    """Read the section."""
    default = McpSettings()
    servers = {name: _read_server(name, entry) for name, entry in section.section("servers").sections()}
    settings = McpSettings(
        servers=servers,
        disabled_tools=section.texts("disabled_tools"),
        groups=_read_groups(section.section("groups"), servers, groups, reading),
        max_sessions=section.integer("max_sessions", default.max_sessions, 1, 100_000),
        session_life_s=section.duration("session_life", default.session_life_s),
        session_idle_s=section.duration("session_idle", default.session_idle_s),
        max_message_bytes=section.size("max_message", default.max_message_bytes),
        page_size=section.integer("page_size", default.page_size, 1, 100_000),
        allowed_origins=section.texts("allowed_origins"),
        allowed_hosts=section.texts("allowed_hosts"),
        inject=_read_inject(section.section("inject"), servers, groups, reading),
        folder=str(reading.folder),
    )
    section.finish()
    return settings


def _read_server(name: str, entry: Section) -> McpServer:
    default = McpServer(name)
    token = entry.text("bearer")
    headers = entry.text_map("headers")
    server = McpServer(
        name=name,
        command=entry.text("command") or "",
        args=entry.texts("args"),
        env=entry.text_map("env"),
        cwd=entry.text("cwd"),
        url=entry.text("url") or "",
        sse=entry.text("transport") == "sse",
        headers={**headers, "Authorization": f"Bearer {token}"} if token else headers,
        oauth=_read_oauth(entry),
        disabled=entry.flag("disabled", default.disabled),
        eager=entry.text("start") == "eager",
        own_sessions=_read_sharing(entry),
        timeout_s=entry.duration("timeout", default.timeout_s),
        connect_s=entry.duration("connect_timeout", default.connect_s),
        disabled_tools=entry.texts("disabled_tools"),
    )
    entry.finish()
    return server


def _read_sharing(entry: Section) -> bool:
    """Remote servers give each client a session of its own unless told otherwise; programs are started once."""
    chosen = entry.text("sessions")
    return chosen == "own" if chosen else entry.get("url") is not None


def _read_oauth(entry: Section) -> McpOAuth | None:
    section = entry.section("oauth")
    if section.node is None:
        return None
    oauth = McpOAuth(
        client_id=section.text("client_id") or "",
        client_secret=section.text("client_secret") or "",
        issuer=section.text("issuer") or "",
    )
    section.finish()
    return oauth


def _read_groups(
    section: Section, servers: Mapping[str, McpServer], groups: Collection[str], reading: Reading
) -> dict[str, McpGroup]:
    found = {}
    for name, entry in section.sections():
        found[name] = McpGroup(entry.texts("servers"), entry.texts("tools"))
        entry.finish()
        node = section.node.get(name) if section.node else None
        if node is None:
            continue
        if name not in groups:
            report_unknown_group(name, node, groups, reading)
        for server in found[name].servers:
            if server not in servers:
                _report_unknown_server(server, node, servers, reading)
    return found


def _read_inject(
    section: Section, servers: Mapping[str, McpServer], groups: Collection[str], reading: Reading
) -> McpInject:
    default = McpInject()
    inject = McpInject(
        tools=section.texts("tools"),
        groups=section.texts("groups"),
        rounds=section.integer("rounds", default.rounds, 1, 100),
        timeout_s=section.duration("timeout", default.timeout_s),
        max_result_bytes=section.size("max_result", default.max_result_bytes),
    )
    section.finish()
    if section.node is None:
        return inject
    for node, name in _written(section.node.get("groups"), inject.groups):
        if name not in groups:
            report_unknown_group(name, node, groups, reading)
    for node, pattern in _written(section.node.get("tools"), inject.tools):
        if not any(pattern_is_of(pattern, server) for server in servers):
            _report_unknown_server(pattern.partition(".")[0], node, servers, reading)
    return inject


def _written(node: Node | None, texts: Sequence[str]) -> Iterator[tuple[Node, str]]:
    """Yield each text of a list with its place."""
    if node is None:
        return
    places = node.items if isinstance(node, ListNode) else [node]
    yield from zip(places, texts, strict=False)


def _report_unknown_server(name: str, node: Node, servers: Mapping[str, McpServer], reading: Reading) -> None:
    reading.report(
        "S204",
        f"unknown MCP server `{name}`",
        node,
        label="`mcp.servers` has no such name",
        note=f"servers are {quoted_list(sorted(servers), 'and')}" if servers else "",
        suggestion=closest(name, servers) or "",
    )

"""What one group of clients sees: a server of the SDK whose handlers pass everything on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mcp_types as types
from mcp.server import NotificationOptions, Server
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from ccproxy import __version__
from ccproxy.mcp.forwarding import UNCACHED, forward, gather_quietly
from ccproxy.mcp.loops import mark_of
from ccproxy.mcp.offer import Entry, Joined, narrow
from ccproxy.mcp.party import Party, party_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
    from mcp.server.models import InitializationOptions

    from ccproxy.config.mcp_settings import McpGroup
    from ccproxy.mcp.questions import Parking
    from ccproxy.mcp.upstream import Upstream

Context = Any  # ServerRequestContext[Any, Any]
TITLE: Final = "ccproxy MCP proxy"
_CHANGES: Final = (
    ("tools", types.ToolListChangedNotification, ToolsListChanged),
    ("prompts", types.PromptListChangedNotification, PromptsListChanged),
    ("resources", types.ResourceListChangedNotification, ResourcesListChanged),
    ("templates", types.ResourceListChangedNotification, ResourcesListChanged),
)


class View:
    """State of one group's view: what it offers now, and who is connected to it."""

    def __init__(
        self,
        group: McpGroup,
        upstreams: Mapping[str, Upstream],
        parking: Parking,
        instance: str,
        page_size: int,
        all_known: Callable[[View], Awaitable[None]],
    ) -> None:
        self.joined = Joined()
        self._was_listed = False
        self.parties: dict[str, Party] = {}
        self.bus = InMemorySubscriptionBus()
        self._group = group
        self._upstreams = upstreams
        self._parking = parking
        self._instance = instance
        self._page_size = page_size
        self._all_known = all_known
        self._only_party = Party("stdio", lasting=True)
        self.listening = ListenHandler(self.bus)
        self.server = self._build_server()

    def includes(self, server: str) -> bool:
        """Whether a server belongs to it."""
        return not self._group.servers or server in self._group.servers

    @property
    def members(self) -> list[Upstream]:
        """The servers that belong to it."""
        return [upstream for name, upstream in sorted(self._upstreams.items()) if self.includes(name)]

    async def take(self, joined: Joined) -> None:
        """Offer something else from now on, and tell the clients."""
        before, self.joined = self.joined, narrow(joined, self._group)
        if not self._was_listed:
            return
        kinds = [change for change in _CHANGES if getattr(before, change[0]) != getattr(self.joined, change[0])]
        notices = {change[1]: change[2] for change in kinds}
        for notification, event in notices.items():
            await self.bus.publish(event())
            speakers = [party.speaker for party in self.parties.values() if party.speaker is not None]
            await gather_quietly(*(speaker.send_notification(notification()) for speaker in speakers))

    def options(self) -> InitializationOptions:
        """Return what a client is told when it connects."""
        options = self.server.create_initialization_options(
            NotificationOptions(prompts_changed=True, resources_changed=True, tools_changed=True),
            mark_of(self._instance, {name for member in self.members for name in member.behind}),
            self._extensions(),
        )
        return options.model_copy(update={"instructions": self._instructions()})

    def _extensions(self) -> dict[str, dict[str, Any]] | None:
        joined: dict[str, dict[str, Any]] = {}
        for member in self.members:
            joined.update(member.offer.extensions)
        return joined or None

    def _instructions(self) -> str | None:
        parts = [
            f"# {member.server.name}\n{member.offer.instructions}"
            for member in self.members
            if member.offer.instructions
        ]
        return "\n\n".join(parts) or None

    def _build_server(self) -> Server[Any]:
        server: Server[Any] = Server(
            "ccproxy",
            version=__version__,
            title=TITLE,
            on_list_tools=self._lister("tools", "tools"),
            on_call_tool=self._call_tool,
            on_list_resources=self._lister("resources", "resources"),
            on_list_resource_templates=self._lister("resourceTemplates", "templates"),
            on_read_resource=self._read_resource,
            on_subscribe_resource=self._subscribe,
            on_unsubscribe_resource=self._unsubscribe,
            on_subscriptions_listen=self._listen,
            on_list_prompts=self._lister("prompts", "prompts"),
            on_get_prompt=self._get_prompt,
            on_completion=self._complete,
            get_tool_input_schema=self._input_schema,
        )
        server.add_request_handler("logging/setLevel", types.SetLevelRequestParams, self._set_level)
        server.add_request_handler("server/discover", types.RequestParams, self._discover)
        changed = "notifications/roots/list_changed"
        server.add_notification_handler(changed, types.NotificationParams, self._roots_changed)
        server.middleware[:] = [self._note_speaker]
        return server

    async def _note_speaker(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Remember the way to talk to a client with every message that it sends."""
        party = party_of(ctx, self._only_party)
        party.speaker = ctx.session
        if party.lasting:
            self.parties.setdefault(party.name, party)
        elif ctx.meta is not None:
            level = ctx.meta.get(types.LOG_LEVEL_META_KEY)
            party.log_level = level if isinstance(level, str) else None
        return await call_next(ctx)

    def _lister(self, key: str, kind: str) -> Callable[[Context, types.PaginatedRequestParams | None], Any]:
        async def handle(_context: Context, params: types.PaginatedRequestParams | None) -> dict[str, Any]:
            await self._all_known(self)
            self._was_listed = True
            entries = list(getattr(self.joined, kind).values())
            start = _offset(params.cursor if params else None, len(entries))
            end = start + self._page_size
            page: dict[str, Any] = {key: [entry.shown for entry in entries[start:end]]}
            if end < len(entries):
                page["nextCursor"] = str(end)
            return {**UNCACHED, **page}

        return handle

    async def _call_tool(self, context: Context, params: types.CallToolRequestParams) -> Any:
        entry = await self._find("tools", params.name, "tool")
        return await self._forward(entry.server, context, {"name": entry.name})

    async def _get_prompt(self, context: Context, params: types.GetPromptRequestParams) -> Any:
        entry = await self._find("prompts", params.name, "prompt")
        return await self._forward(entry.server, context, {"name": entry.name})

    async def _read_resource(self, context: Context, params: types.ReadResourceRequestParams) -> Any:
        return await self._forward(await self._server_of(params.uri), context, {})

    async def _complete(self, context: Context, params: types.CompleteRequestParams) -> Any:
        reference = params.ref
        if isinstance(reference, types.PromptReference):
            entry = await self._find("prompts", reference.name, "prompt")
            shown = (context.params or {}).get("ref", {})
            return await self._forward(entry.server, context, {"ref": {**shown, "name": entry.name}})
        return await self._forward(await self._server_of(reference.uri), context, {})

    async def _subscribe(self, context: Context, params: types.SubscribeRequestParams) -> Any:
        party = party_of(context, self._only_party)
        if params.uri not in party.subscriptions:
            await self._upstreams[await self._server_of(params.uri)].subscribe(params.uri, 1)
            party.subscriptions.add(params.uri)
        return types.EmptyResult()

    async def _unsubscribe(self, context: Context, params: types.UnsubscribeRequestParams) -> Any:
        party = party_of(context, self._only_party)
        if params.uri in party.subscriptions:
            party.subscriptions.discard(params.uri)
            await self._upstreams[await self._server_of(params.uri)].subscribe(params.uri, -1)
        return types.EmptyResult()

    async def _listen(self, context: Context, params: types.SubscriptionsListenRequestParams) -> Any:
        uris = params.notifications.resource_subscriptions or ()
        owners = [(self._upstreams[await self._server_of(uri)], uri) for uri in uris]
        await gather_quietly(*(owner.subscribe(uri, 1) for owner, uri in owners))
        try:
            return await self.listening(context, params)
        finally:
            await gather_quietly(*(owner.subscribe(uri, -1) for owner, uri in owners))

    async def drop_subscriptions(self, party: Party) -> None:
        """Let go of what a client that left had subscribed to."""
        uris, party.subscriptions = party.subscriptions, set()
        owners = [(self.joined.server_of_uri(uri), uri) for uri in uris]
        await gather_quietly(*(self._upstreams[owner].subscribe(uri, -1) for owner, uri in owners if owner))

    async def _set_level(self, context: Context, params: types.SetLevelRequestParams) -> Any:
        party = party_of(context, self._only_party)
        party.log_level = params.level
        await gather_quietly(*(member.set_level(party, params.level) for member in self.members))
        return types.EmptyResult()

    async def _roots_changed(self, context: Context, _params: types.NotificationParams) -> None:
        party = party_of(context, self._only_party)
        links = [link for member in self.members if (link := member.own_link(party)) is not None]
        notices = [link for link in links if link.is_ready and not link.is_modern]
        await gather_quietly(
            *(link.session.send_notification(types.RootsListChangedNotification()) for link in notices)
        )

    async def _discover(self, _context: Context, _params: types.RequestParams) -> dict[str, Any]:
        options = self.options()
        modern = self.server.get_capabilities(protocol_version=MODERN_PROTOCOL_VERSIONS[-1])
        update = {"experimental": options.capabilities.experimental, "extensions": options.capabilities.extensions}
        capabilities = modern.model_copy(update=update)
        found: dict[str, Any] = {
            "supportedVersions": list(MODERN_PROTOCOL_VERSIONS),
            "capabilities": capabilities.model_dump(by_alias=True, mode="json", exclude_none=True),
            **UNCACHED,
        }
        return found if options.instructions is None else {**found, "instructions": options.instructions}

    async def _forward(self, server: str, context: Context, replaced: dict[str, Any]) -> Any:
        party = party_of(context, self._only_party)
        params = {**(context.params or {}), **replaced}
        return await forward(self._upstreams[server], context.method, params, context, party, self._parking)

    async def _find(self, kind: str, name: str, word: str) -> Entry:
        if name not in getattr(self.joined, kind):
            await self._all_known(self)
        entry: Entry | None = getattr(self.joined, kind).get(name)
        if entry is None:
            raise MCPError(types.INVALID_PARAMS, f"Unknown {word}: {name}")
        return entry

    async def _server_of(self, uri: str) -> str:
        """Return the server of a resource; one that is nowhere listed belongs to the only server that has resources."""
        await self._all_known(self)
        found = self.joined.server_of_uri(uri)
        if found is not None:
            return found
        candidates = [
            member for member in self.members if member.offer.of("resources") or member.offer.of("resourceTemplates")
        ]
        if len(candidates) != 1:
            raise MCPError(types.INVALID_PARAMS, f"Resource not found: {uri}", {"uri": uri})
        return candidates[0].server.name

    def _input_schema(self, name: str) -> dict[str, Any] | None:
        entry = self.joined.tools.get(name)
        return entry.shown.get("inputSchema") if entry is not None else None


def _offset(cursor: str | None, size: int) -> int:
    if cursor is None:
        return 0
    if not cursor.isdecimal() or int(cursor) >= size:
        raise MCPError(types.INVALID_PARAMS, "This cursor is not valid.")
    return int(cursor)

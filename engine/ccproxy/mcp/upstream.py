"""One server: its connections, what it offers, and what happens when it dies."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from typing import TYPE_CHECKING, Any, Final

import orjson

from ccproxy.mcp.changes import Changes
from ccproxy.mcp.link import EVERYTHING, Link, LinkError, reason_of
from ccproxy.mcp.listing import learn_tools, list_everything
from ccproxy.mcp.loops import check_loop
from ccproxy.mcp.offer import Offer, offer_from_json
from ccproxy.mcp.transports import transport_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccproxy.config.mcp_settings import McpServer
    from ccproxy.jsontypes import JsonObject
    from ccproxy.mcp.link import Ears
    from ccproxy.mcp.oauth import AuthOf
    from ccproxy.mcp.party import Party
    from ccproxy.mcp.store import Store

log: Final = logging.getLogger("ccproxy.mcp")

FIRST_PAUSE_S: Final = 0.5
SHORT_PAUSE_S: Final = 1.0  # a request waits so long itself
LONGEST_PAUSE_S: Final = 60.0
HEALTHY_AFTER_S: Final = 30.0
MOST_OWN_LINKS: Final = 1000
MAIN: Final = ""


class Upstream:
    """State of one server."""

    def __init__(
        self,
        server: McpServer,
        store: Store,
        ears: Ears,
        instance: str,
        auth_of: AuthOf,
        changed: Callable[[str], None],
    ) -> None:
        self.server = server
        self.error = ""
        self.restarts = 0
        self.behind: frozenset[str] = frozenset()
        self._store = store
        self._ears = ears
        self._instance = instance
        self._auth_of = auth_of
        self._changed = changed
        self._links: dict[str, Link] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._failures = 0
        self._retry_at = 0.0
        self._keeper: asyncio.Task[None] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._changes = Changes()
        self.tried = asyncio.Event()
        self._fingerprint = _fingerprint(server)
        kept = store.find_offer(server.name, self._fingerprint)
        self.offer = offer_from_json(kept) if kept is not None else Offer()
        self.is_known = kept is not None

    def start(self) -> None:
        """Start the server and keep it running."""
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Close every connection."""
        tasks = [task for task in (self._keeper, self._refreshing) if task is not None]
        for task in tasks:
            task.cancel()
        self._changes.stop()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(link.close() for link in self._links.values()), return_exceptions=True)
        self._links.clear()

    async def link_for(self, party: Party) -> Link:
        """Return the connection that serves a client; raises LinkError."""
        if not self.server.own_sessions:
            return await self._main()
        self.start()
        if party.lasting:
            return await self._link(party.name, party)
        signature = party.capabilities.model_dump_json(exclude_none=True, by_alias=True)
        return await self._link(f"capabilities {signature}", party)

    def own_link(self, party: Party) -> Link | None:
        """Return a client's own connection if it has one."""
        return self._links.get(party.name)

    async def forget(self, party: Party) -> None:
        """Close a client's own connection."""
        self._locks.pop(party.name, None)
        link = self._links.pop(party.name, None)
        if link is not None:
            await link.close()

    async def reconnect(self, link: Link) -> None:
        """Give up a connection that turned out to be stale."""
        for key in [key for key, held in self._links.items() if held is link]:
            del self._links[key]
        await link.close()

    def refresh_soon(self) -> None:
        """List everything anew, once, after changes have settled a little."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh_later())

    async def subscribe(self, uri: str, count: int) -> None:
        """Count who wants to hear of a resource."""
        await self._changes.watch(uri, count, self._main)

    async def set_level(self, party: Party, level: str) -> None:
        """Ask an older server for log messages as grave as this."""
        link = self.own_link(party) if self.server.own_sessions else self._links.get(MAIN)
        if link is None or not link.is_ready or link.is_modern:
            return
        capabilities = link.session.server_capabilities
        if capabilities is not None and capabilities.logging is not None:
            await link.request("logging/setLevel", {"level": level})

    @property
    def is_busy(self) -> bool:
        """Whether calls are running."""
        return any(link.calls for link in self._links.values())

    def status(self) -> JsonObject:
        """Return how it is, for people."""
        main = self._links.get(MAIN)
        running = main is not None and main.is_ready
        state = "ready" if running else "failed" if self.error else "starting" if self._keeper else "idle"
        status: JsonObject = {
            "state": state,
            "tools": len(self.offer.of("tools")),
            "connections": sum(link.is_ready for link in self._links.values()),
            "restarts": self.restarts,
        }
        if running and main is not None:
            status["protocol"] = main.session.protocol_version
        if self.error:
            status["error"] = self.error
        return status

    async def _main(self) -> Link:
        link = await self._link(MAIN, None)
        self.start()
        return link

    async def _link(self, key: str, party: Party | None) -> Link:
        link = self._links.get(key)
        if link is not None and link.is_ready:
            return link
        async with self._locks.setdefault(key, asyncio.Lock()):
            link = self._links.get(key)
            if link is not None and link.is_ready:
                return link
            return await self._open(key, party)

    async def _open(self, key: str, party: Party | None) -> Link:
        pause = self._retry_at - time.monotonic()
        if 0 < pause <= SHORT_PAUSE_S:
            await asyncio.sleep(pause)
        elif pause > 0:
            raise LinkError(f"MCP server {self.server.name} is down ({self.error}); next try in {pause:.0f} s")
        if len(self._links) > MOST_OWN_LINKS:
            raise LinkError(f"MCP server {self.server.name} has too many connections")
        try:
            link = await self._connect(party, self._with_handshake(party))
        except LinkError as error:
            self._failed(str(error))
            raise LinkError(f"MCP server {self.server.name} is down ({error})") from error
        self._links[key] = link
        self.error = ""
        if party is not None and party.lasting and party.log_level is not None:
            await self.set_level(party, party.log_level)
        if key == MAIN:
            await self._welcome(link)
        elif link.is_modern:
            await learn_tools(link)
        return link

    def _with_handshake(self, party: Party | None) -> bool:
        """Whether to meet a server the older way.

        A client's own connection is of the client's kind. A shared one is of the older kind, as only that lets every
        server ask its questions in the middle of a call.
        """
        return not self.server.own_sessions if party is None else not party.is_modern

    async def _connect(self, party: Party | None, with_handshake: bool) -> Link:
        can = EVERYTHING if party is None else party.capabilities
        transport = transport_of(self.server, self._auth_of(self.server))
        holder = party if party is not None and party.lasting else None
        link = Link(self.server.name, transport, self._ears, holder, can, with_handshake)
        try:
            await link.open(self.server.connect_s)
            self.behind = check_loop(link, self._instance)
        except LinkError:
            await link.close()
            if not (with_handshake and link.refused):
                raise
            return await self._connect(party, False)
        return link

    async def _welcome(self, link: Link) -> None:
        """Learn what a server offers, and ask to be told of changes."""
        try:
            async with asyncio.timeout(self.server.connect_s):
                self._take(await list_everything(link))
                if link.is_modern:
                    await learn_tools(link)
                await self._changes.begin(link)
        except Exception as error:
            self._failed(f"listing failed: {reason_of(error)}")
            await self.reconnect(link)
            raise LinkError(f"MCP server {self.server.name}: {self.error}") from error
        self.tried.set()
        log.info("mcp server %s offers %d tools", self.server.name, len(self.offer.of("tools")))

    def _take(self, offer: Offer) -> None:
        self.is_known = True
        if offer.to_json() == self.offer.to_json():
            return
        self.offer = offer
        self._store.save_offer(self.server.name, self._fingerprint, offer.to_json())
        self._changed(self.server.name)

    def _failed(self, error: str) -> None:
        self.error = error
        self._failures += 1
        self._retry_at = time.monotonic() + min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (self._failures - 1))
        self.tried.set()
        log.warning("mcp server %s: %s", self.server.name, error)

    async def _keep(self) -> None:
        """Hold the main connection; when it ends, open it again after a pause that grows."""
        while True:
            started = time.monotonic()
            try:
                link = await self._link(MAIN, None)
            except LinkError:
                await asyncio.sleep(max(0.05, self._retry_at - time.monotonic()))
                continue
            await link.ended.wait()
            if time.monotonic() - started > HEALTHY_AFTER_S:
                self._failures = 0
            if self._links.get(MAIN) is link:
                del self._links[MAIN]
            await link.close()
            self.restarts += 1
            self._failed(link.failure or "the connection ended")
            await asyncio.sleep(max(0.0, self._retry_at - time.monotonic()))

    async def _refresh_later(self, settle_s: float = 0.05) -> None:
        await asyncio.sleep(settle_s)
        link = self._links.get(MAIN)
        if link is None or not link.is_ready:
            return
        try:
            async with asyncio.timeout(self.server.connect_s):
                self._take(await list_everything(link))
                if link.is_modern:
                    await learn_tools(link)
        except Exception as error:
            log.warning("mcp server %s: listing failed: %s", self.server.name, reason_of(error))


def _fingerprint(server: McpServer) -> str:
    """Return what tells settings of a server apart, without telling its secrets."""
    parts: list[Any] = [server.command, list(server.args), sorted(server.env.items()), server.cwd, server.url]
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()

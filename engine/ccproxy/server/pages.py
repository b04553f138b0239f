"""The proxy's own pages: index, health, metrics, and the admin routes.

What only some of them need is imported when somebody asks for it, so that the proxy starts sooner.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from orjson import dumps

from ccproxy.pipeline.reply import header_line
from ccproxy.server.status import full_status, public_status
from ccproxy.server.visitors import visitor_of

if TYPE_CHECKING:
    from aiohttp.web import BaseRequest

    from ccproxy.jsontypes import JsonObject
    from ccproxy.pipeline.reply import Reply
    from ccproxy.server.current import Current
    from ccproxy.server.version import Version

ADMIN: Final = "/admin/"
READING: Final = frozenset({"GET", "HEAD"})
_JSON: Final = b"content-type: application/json\r\ncache-control: no-store\r\n"
_TEXT: Final = b"content-type: text/plain; charset=utf-8\r\n"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for one of the pages, with the version in force when it came."""

    current: Current
    version: Version
    request: BaseRequest
    reply: Reply

    def send(self, status: int, head: bytes, body: bytes) -> None:
        """Answer; HEAD gets no body."""
        self.reply.send(status, head, body, with_body=self.request.method != "HEAD")


class Pages:
    """Finds and answers pages."""

    def __init__(self, current: Current, reload: Callable[[], None]) -> None:
        self._current = current
        self._reload = reload

    async def answer(self, request: BaseRequest, reply: Reply, version: Version, path: str) -> bool:
        """Answer a page of the proxy's own; False when the path is none or the method does not read."""
        if path.startswith(ADMIN):
            from ccproxy.server.admin import AdminRoutes  # noqa: PLC0415

            admin = AdminRoutes(self._current, self._reload)
            await admin.answer(request, reply, version, path.removeprefix(ADMIN))
            return True
        page = PAGES.get(path)
        if page is None or request.method not in READING:
            return False
        await page(Visit(self._current, version, request, reply))
        return True


async def _index(visit: Visit) -> None:
    from ccproxy.server.index import answer_index  # noqa: PLC0415

    await answer_index(visit.request, visit.reply, visit.version)


async def _health(visit: Visit) -> None:
    """Tell that the process lives, and whether files on disk are in force."""
    visit.send(200, _JSON, dumps(_status(visit)))


async def _ready(visit: Visit) -> None:
    """Tell whether to send requests here."""
    visit.send(503 if visit.current.stopping else 200, _JSON, dumps(_status(visit)))


async def _metrics(visit: Visit) -> None:
    """Totals tell who used what, so that only those may read them who may administer."""
    visitor = visitor_of(visit.request, visit.version)
    if not visitor.is_admin:
        visit.send(403 if visitor.shown else 401, _TEXT, b"metrics need an access key with `admin: true`\n")
        return
    from ccproxy.state.metrics import CONTENT_TYPE, render_metrics  # noqa: PLC0415
    from ccproxy.state.store import StoreError  # noqa: PLC0415

    current = visit.current
    gauges = {"configuration_version": visit.version.number, "reload_ok": 0.0 if current.trouble else 1.0}
    try:
        page = await asyncio.to_thread(render_metrics, current.lasting.state, time.time(), gauges)
    except StoreError as error:
        visit.send(503, _TEXT, f"{error}\n".encode())
        return
    visit.send(200, header_line("content-type", CONTENT_TYPE), page)


async def _no_icon(visit: Visit) -> None:
    visit.send(404, b"", b"")


def _status(visit: Visit) -> JsonObject:
    sees = visitor_of(visit.request, visit.version).sees_details
    return full_status(visit.current) if sees else public_status(visit.current)


PAGES: Final[Mapping[str, Callable[[Visit], Awaitable[None]]]] = {
    "/": _index,
    "/health": _health,
    "/ready": _ready,
    "/readyz": _ready,
    "/metrics": _metrics,
    "/favicon.ico": _no_icon,
}

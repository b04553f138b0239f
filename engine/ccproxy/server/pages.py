"""The proxy's own pages: health, and a few words for a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from orjson import dumps

if TYPE_CHECKING:
    from ccproxy.pipeline.reply import Reply

_TEXT: Final = b"content-type: text/plain; charset=utf-8\r\n"
_JSON: Final = b"content-type: application/json\r\n"
PAGES: Final[Mapping[str, tuple[bytes, bytes]]] = {
    "/": (_TEXT, b"ccproxy is running\n"),
    "/health": (_JSON, dumps({"status": "ok"})),
}


def answer_page(reply: Reply, method: str, path: str) -> bool:
    """Answer a page of the proxy's own; False when the path is none or the method does not read."""
    page = PAGES.get(path)
    if page is None or method not in {"GET", "HEAD"}:
        return False
    head, body = page
    reply.send(200, head, body, with_body=method != "HEAD")
    return True

"""Pages of any site may call the proxy from a browser (CORS), but not its admin routes; keys are needed all the same.

https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ccproxy.pipeline.reply import header_line

if TYPE_CHECKING:
    from aiohttp.web import BaseRequest

    from ccproxy.pipeline.reply import Reply

ALLOWED: Final = b"access-control-allow-origin: *\r\naccess-control-expose-headers: *\r\n"
_METHODS: Final = header_line("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
_FOR_A_DAY: Final = header_line("access-control-max-age", "86400")
_HEADERS: Final = "access-control-request-headers"


def is_preflight(request: BaseRequest) -> bool:
    """Whether a browser asks if a page may send what it is about to send."""
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def answer_preflight(request: BaseRequest, reply: Reply) -> None:
    """Allow it. The headers are named, since `*` would not stand for Authorization."""
    asked = ", ".join(name.strip() for name in request.headers.get(_HEADERS, "").split(",") if _is_name(name.strip()))
    headers = header_line("access-control-allow-headers", asked) if asked else b""
    reply.send(204, _METHODS + headers + _FOR_A_DAY + header_line("vary", _HEADERS), b"")


def _is_name(text: str) -> bool:
    return text.replace("-", "").replace("_", "").isalnum() and text.isascii()

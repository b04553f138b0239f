"""A request that cannot go on, as data: the unified error that the client's protocol will word."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject


class ProxyError(Exception):
    """Raised where a request fails; `error` is a unified error."""

    def __init__(self, kind: str, status: int, message: str, **more: Json) -> None:
        super().__init__(message)
        self.error: JsonObject = {"kind": kind, "status": status, "message": message, **more}

"""`/admin/…`: look at the proxy and change a few things while it runs.

For access keys with `admin: true`; without any keys, for this machine only. Pages of other sites get nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from orjson import dumps

from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.pipeline.body import parse_body, read_body
from ccproxy.pipeline.reply import header_line
from ccproxy.routing.failures import ProxyError
from ccproxy.server.status import full_status, log_status
from ccproxy.server.tracing import TRACES, answer_trace
from ccproxy.server.visitors import visitor_of

if TYPE_CHECKING:
    from aiohttp.web import BaseRequest

    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.pipeline.reply import Reply
    from ccproxy.server.current import Current
    from ccproxy.server.switches import Switches
    from ccproxy.server.version import Version

LARGEST_BODY: Final = 64 * 1024
_HEAD: Final = b"content-type: application/json\r\ncache-control: no-store\r\n"

Handler = Callable[[dict[str, "Json"]], "JsonObject"]


class AdminRoutes:
    """Answers admin requests in JSON, errors too."""

    def __init__(self, current: Current, reload: Callable[[], None]) -> None:
        self._current = current
        self._reload = reload
        self._routes: Mapping[str, Mapping[str, Handler]] = {
            "status": {"GET": self._status},
            "group": {"GET": self._group, "POST": self._set_group},
            "log": {"GET": self._log, "POST": self._set_log},
            "reload": {"POST": self._load_again},
        }

    async def answer(self, request: BaseRequest, reply: Reply, version: Version, name: str) -> None:
        """Answer one request."""
        try:
            _refuse_unless_admin(request, version)
            route, _, rest = name.partition("/")
            if route == TRACES:
                await answer_trace(request, reply, version, self._current.lasting.traces, rest)
                return
            handler = self._handler(request.method, name)
            raw = await read_body(request, LARGEST_BODY)
            answer = handler(parse_body(raw) if raw.strip() else {})
        except ProxyError as failure:
            _send_error(reply, failure.error)
        else:
            reply.send(200, _HEAD, dumps(answer))

    def _handler(self, method: str, name: str) -> Handler:
        methods = self._routes.get(name.rstrip("/"))
        if methods is None:
            known = quoted_list([f"/admin/{route}" for route in (*self._routes, TRACES)], "and")
            raise ProxyError("not_found", 404, f"There is nothing at /admin/{name[:100]}. Routes are {known}.")
        if method not in methods:
            allowed = quoted_list(sorted(methods), "and")
            raise ProxyError("invalid_request", 405, f"/admin/{name} takes {allowed}.")
        return methods[method]

    def _status(self, _body: JsonObject) -> JsonObject:
        return full_status(self._current)

    def _group(self, _body: JsonObject) -> JsonObject:
        groups: list[Json] = [*self._current.given.groups]
        return {"group": self._current.version.config.active_group, "groups": groups}

    def _set_group(self, body: JsonObject) -> JsonObject:
        """Choose what `/switch` means; null goes back to the configuration's."""
        _refuse_others(body, ("name",))
        name = body.get("name")
        groups = self._current.given.groups
        if "name" not in body or not (name is None or isinstance(name, str)):
            raise ProxyError("invalid_request", 400, '`name` must be a group, as in {"name": "default"}.', param="name")
        if name is not None and name not in groups:
            near = closest(name, groups)
            hint = f" Did you mean `{near}`?" if near else ""
            known = quoted_list(sorted(groups), "and")
            raise ProxyError("not_found", 404, f"There is no group `{name[:100]}`.{hint} Groups are {known}.")
        self._switch(replace(self._current.switches, group=name))
        return self._group({})

    def _log(self, _body: JsonObject) -> JsonObject:
        return log_status(self._current)

    def _set_log(self, body: JsonObject) -> JsonObject:
        """Turn logs on and off; null goes back to what the configuration says."""
        _refuse_others(body, ("requests", "traffic", "record"))
        chosen = {name: _flag(name, value) for name, value in body.items()}
        if chosen.get("record") and self._current.lasting.traffic.record_to is None:
            message = "Nobody told where to record; start with `--record DIR`, or set `traffic`."
            raise ProxyError("invalid_request", 400, message, param="record")
        now = self._current.switches
        self._switch(
            replace(
                now,
                requests=chosen.get("requests", now.requests),
                traffic=chosen.get("traffic", now.traffic),
                record=chosen.get("record", now.record),
            )
        )
        return self._log({})

    def _load_again(self, _body: JsonObject) -> JsonObject:
        """Ask for all files to be read again; /admin/status tells how that went."""
        self._reload()
        return {"asked": True}

    def _switch(self, switches: Switches) -> None:
        try:
            self._current.switch(switches)
        except OSError as error:
            message = f"The other workers cannot be told: {error.strerror}."
            raise ProxyError("server", 500, message) from error


def _refuse_unless_admin(request: BaseRequest, version: Version) -> None:
    visitor = visitor_of(request, version)
    if visitor.is_admin:
        return
    if visitor.shown:
        raise ProxyError("permission", 403, "Admin routes need an access key with `admin: true`.")
    if version.config.access:
        raise ProxyError(
            "authentication", 401, "Admin routes need an access key with `admin: true`, and this has none."
        )
    raise ProxyError("permission", 403, "Without access keys, admin routes answer requests from this machine only.")


def _flag(name: str, value: Json) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise ProxyError("invalid_request", 400, f"`{name}` must be true, false or null.", param=name)


def _refuse_others(body: JsonObject, known: tuple[str, ...]) -> None:
    for name in body:
        if name not in known:
            takes = quoted_list(known, "and")
            raise ProxyError(
                "invalid_request", 400, f"`{name[:100]}` is unknown here, which takes {takes}.", param=name
            )


def _send_error(reply: Reply, error: JsonObject) -> None:
    status = error.get("status")
    told: JsonObject = {"type": error.get("kind"), "message": error.get("message")}
    body = dumps({"error": told, "request_id": reply.request_id})
    challenge = header_line("www-authenticate", "Bearer") if status == 401 else b""
    reply.send(status if isinstance(status, int) else 500, _HEAD + challenge, body)

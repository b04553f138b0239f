"""An engine of two invented protocols, just enough to see what the server does with one.

`east` speaks of `words`, `west` of `text`; both stream events over SSE.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ccproxy.conversion.backend import Backend
from ccproxy.datadirs import find_data_dir
from ccproxy.jsontypes import Json, JsonObject
from ccproxy.mapping.protocol import Protocol, build_protocol
from ccproxy.wire.sse import SseReader
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import to_json

STATUS = {"invalid_request": 400, "authentication": 401, "not_found": 404, "too_large": 413, "rate_limit": 429}


def facts(name: str, route: str, framing: str = "sse") -> Protocol:
    return build_protocol(
        {
            "protocol": name,
            "operations": {
                "chat": {
                    "routes": [f"POST {route}"],
                    "upstream": {"path": "/say"},
                    "model": {"body": "/model"},
                    "stream": {"body": "/stream", "default": False},
                }
            },
            "stream": {
                "framing": framing,
                "event_name": "type",
                "keep_alive": ": ping\n\n",
                "usage_marks": ['"usage"'],
            },
            "auth": {
                "client": {"headers": ["x-key", "authorization"], "query": ["key"]},
                "upstream": {"x-key": "{key}"},
            },
            "headers": {"upstream": {"x-version": "1"}, "forward": ["x-version", "x-beta"]},
        }
    )


PROTOCOLS = {"east": facts("east", "/v1/east"), "west": facts("west", "/v1/west")}


def event(body: JsonObject) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"


class RejectedError(Exception):
    def __init__(self, error: JsonObject) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass
class SmallStream:
    reader: SseReader = field(default_factory=SseReader)
    finished: bool = False
    started: bool = False
    error: JsonObject | None = None
    usage: JsonObject = field(default_factory=dict)

    def feed(self, chunk: bytes) -> bytes:
        return b"".join(self._convert(payload) for payload in self.reader.feed(chunk))

    def _convert(self, payload: bytes) -> bytes:
        if payload == b"[END]":
            self.finished = True
            return b""
        said = json.loads(payload)
        if "error" in said and not self.started:
            self.error, self.finished = {"kind": "upstream", "status": 502, "message": str(said["error"])}, True
            return event({"error": self.error})
        self.started = True
        self.usage = said.get("usage", self.usage)
        return event({"words": said["text"] if "text" in said else said["words"]})

    def close(self) -> bytes:
        self.finished = True
        return event({"end": True})

    def ping(self) -> bytes:
        return b": ping\n\n"

    def fail(self, error: JsonObject) -> bytes:
        return event({"error": error})


@dataclass
class SmallExchange:
    malformed = ""
    upstream_request: JsonObject
    dropped: Sequence[str] = ()
    usage: JsonObject = field(default_factory=dict)

    @property
    def unified(self) -> JsonObject:
        return self.upstream_request

    def refusal(self, body: bytes) -> JsonObject | None:
        return {"kind": "upstream", "status": 502, "message": "refused"} if "error" in json.loads(body) else None

    def usage_in(self, body: bytes) -> JsonObject:
        usage: JsonObject = json.loads(body).get("usage", {})
        return usage

    def response(self, body: JsonObject) -> JsonObject:
        if "error" in body:
            raise RejectedError({"kind": "upstream", "status": 502, "message": str(body["error"])})
        return {"words": body["text"]}

    def whole(self, stream: bytes) -> JsonObject:
        return {"words": "".join(json.loads(payload)["text"] for payload in SseReader().feed(stream))}

    def pieces(self, body: JsonObject, framing: str | None = None) -> bytes:  # noqa: ARG002
        self.response(body)
        return event({"words": body["text"]}) + event({"end": True})

    def error(self, status: int, body: Json) -> tuple[int, JsonObject]:
        return status, {"east_error": body}

    def stream(self, framing: str | None = None) -> SmallStream:  # noqa: ARG002
        return SmallStream()


class SmallEngine:
    protocols = PROTOCOLS
    providers: dict[str, dict[str, Json]] = {}  # noqa: RUF012
    clients: dict[str, dict[str, Json]] = {  # noqa: RUF012
        "pen": {
            "title": "The <Pen>",
            "protocol": "east",
            "env": {"PEN_URL": "{root}/v1", "PEN_KEY": "{key}"},
            "command": "pen",
        }
    }

    def open(
        self,
        source: str,  # noqa: ARG002
        target: str,  # noqa: ARG002
        body: JsonObject,
        *,
        model: str | None = None,
        stream: bool | None = None,  # noqa: ARG002
        backend: Backend | None = None,  # noqa: ARG002
        quirks: Sequence[str] = (),  # noqa: ARG002
        response_model: str | None = None,  # noqa: ARG002
        request_id: str | None = None,  # noqa: ARG002
        **_more: object,
    ) -> SmallExchange:
        if body.get("words") == "bug":
            raise KeyError("a secret detail")
        if body.get("words") == "deep":
            raise RecursionError
        if not isinstance(body.get("words"), str):
            raise RejectedError({"kind": "invalid_request", "status": 400, "message": "/words: text is expected"})
        dropped = ["/flavour"] if "flavour" in body else []
        return SmallExchange({"model": model, "text": body["words"], "stream": body.get("stream", False)}, dropped)

    @cached_property
    def dialects(self) -> dict[str, Json]:
        files = (find_data_dir("mappings") / "compat").glob("*.yaml")
        nodes = {path.stem: load_yaml(path)[0] for path in files}
        return {name: to_json(node) for name, node in nodes.items() if node is not None}

    def capabilities(self, backend: Backend, quirks: Sequence[str]) -> JsonObject:  # noqa: ARG002
        return {}

    def answering(self, source: str, target: str, request: JsonObject | None) -> SmallExchange:  # noqa: ARG002
        return SmallExchange({})

    def direct_request(self, body: JsonObject, backend: Backend, quirks: Sequence[str]) -> JsonObject | None:  # noqa: ARG002
        return None

    def has_direct_edits(self, backend: Backend, quirks: Sequence[str]) -> bool:  # noqa: ARG002
        return False

    def client_error(self, protocol: str, error: JsonObject) -> tuple[int, JsonObject]:
        return STATUS.get(str(error["kind"]), 500), {f"{protocol}_error": error}

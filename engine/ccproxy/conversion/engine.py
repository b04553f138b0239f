"""`Engine`: every protocol on both sides, from a tree of mappings. This is the public Python API."""

from __future__ import annotations

import importlib
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ccproxy.conversion.backend import Backend, QuirkLibrary
from ccproxy.conversion.context import Context
from ccproxy.conversion.dialect import Dialect, build_dialect
from ccproxy.conversion.errors import RequestRejected
from ccproxy.conversion.exchange import Exchange
from ccproxy.conversion.guard import Guard
from ccproxy.conversion.operations import OperationExchange, read_chat_request
from ccproxy.conversion.tokenizer import load_tokenizer
from ccproxy.datadirs import find_data_dirs
from ccproxy.mapping.generated import failing_place, unit_filename
from ccproxy.mapping.protocol import build_protocol
from ccproxy.mapping.stored_library import StoredLibrary, store_folder
from ccproxy.unified.tokens import count_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ccproxy.conversion.exchange import RequestEdit
    from ccproxy.conversion.streams import StreamConversion
    from ccproxy.conversion.text_calls import TextCallMode
    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json
    from ccproxy.mapping.generated import CompiledUnit
    from ccproxy.mapping.library import Library
    from ccproxy.mapping.protocol import Protocol

    JsonObject = dict[str, Json]


def open_library(roots: Sequence[Path]) -> Library:
    """The library of these folders: code stored at an earlier start, else made from the files."""

    def open_source() -> Library:
        return importlib.import_module("ccproxy.conversion.from_source").open_source_library(roots)  # type: ignore[no-any-return]

    folder = store_folder(roots)
    return StoredLibrary(folder, open_source) if folder else open_source()


def random_id(prefix: str) -> str:
    """A fresh id that begins with the prefix."""
    return prefix + secrets.token_hex(12)


class Engine:
    """Converts requests, answers, streams and errors between protocols.

        engine = Engine.load()
        engine.request({"model": "m", "messages": [...]}, source="claude", target="gemini")

    Protocol names are those of the folders under `mappings/`.
    """

    exchange_type: type[Exchange] = Exchange

    def __init__(
        self, library: Library, new_id: Callable[[str], str] = random_id, clock: Callable[[], float] = time.time
    ) -> None:
        self.library = library
        self.protocols: Mapping[str, Protocol] = {
            name: build_protocol(entry.facts) for name, entry in library.index.protocols.items()
        }
        self.quirks = QuirkLibrary(library)
        self._new_id = new_id
        self._clock = clock
        self._dialects: dict[str, Dialect] = {}
        self._guard = Guard(self._place_of)

    @classmethod
    def load(cls, *directories: str | Path) -> Engine:
        """Load mappings: the given directories, later ones over earlier ones, or the built-in ones.

        Raises MappingError with every problem found.
        """
        return cls(open_library(find_data_dirs("mappings", directories)))

    # ---- the public API -------------------------------------------------------------------------

    def request(
        self, body: JsonObject, source: str, target: str, model: str | None = None, quirks: Sequence[str] = ()
    ) -> JsonObject:
        """The body to send to `target` for a client's request. Raises RequestRejected."""
        return self.open(source, target, body, model=model, quirks=quirks).upstream_request

    def response(self, body: JsonObject, source: str, target: str, request: JsonObject | None = None) -> JsonObject:
        """The client's answer, in `target`, for an upstream's answer in `source`. Raises UpstreamError."""
        return self.answering(source, target, request).response(body)

    def stream(self, source: str, target: str, request: JsonObject | None = None) -> StreamConversion:
        """A converter of the upstream's stream bytes in `source` into a client's in `target`."""
        return self.answering(source, target, request).stream()

    def error(self, status: int, body: Json, source: str, target: str) -> tuple[int, JsonObject]:
        """Status and body for a client of `target`, from an upstream's error in `source`."""
        return self.answering(source, target, None).error(status, body)

    # ---- for the proxy --------------------------------------------------------------------------

    def open(
        self,
        source: str,
        target: str,
        body: JsonObject,
        *,
        model: str | None = None,
        stream: bool | None = None,
        backend: Backend | None = None,
        quirks: Sequence[str] = (),
        response_model: str | None = None,
        request_id: str | None = None,
        limit: RequestEdit | None = None,
        edit: RequestEdit | None = None,
        compat: TextCallMode | None = None,
    ) -> Exchange:
        """Convert a client's request and keep what its answer needs. Raises RequestRejected.

        `model` is the backend's name of the model, `response_model` the one reported to the client, `request_id` what
        errors tell; `limit` changes the unified request as the client made it, `edit` in normal form. With `compat`
        tools are called in text; their guide stands in the request before `edit` sees it.
        """
        exchange = self._exchange(source, target, body, model, backend, quirks, response_model, compat)
        exchange.request_id = request_id
        exchange.prepare(body, model, stream, limit, edit)
        return exchange

    def has_direct_edits(self, backend: Backend, quirks: Sequence[str] = ()) -> bool:
        """Whether quirks of a backend may change requests in its own protocol."""
        return bool(self.quirks.chain(backend, tuple(quirks)).request_edits)

    def capabilities(self, backend: Backend, quirks: Sequence[str] = ()) -> Mapping[str, Json]:
        """Flags of a backend: its protocol's, and what quirks say otherwise."""
        flags = self.quirks.chain(backend, tuple(quirks)).capabilities
        return {**self.protocols[backend.protocol].capabilities, **flags}

    def direct_request(self, body: JsonObject, backend: Backend, quirks: Sequence[str] = ()) -> JsonObject | None:
        """A request in the backend's own protocol after the backend's quirks; None when they change nothing."""
        chain = self.quirks.chain(backend, tuple(quirks))
        if not chain.request_edits:
            return None
        capabilities = {**self.protocols[backend.protocol].capabilities, **chain.capabilities}
        facts: JsonObject = {"protocol": backend.protocol, "model": backend.model, "capabilities": capabilities}
        context = Context(body, backend.protocol, facts, int(self._clock()))
        context.model = backend.model
        with self._guard:
            edited = chain.request(body, context)
        return None if edited == body else edited

    def answering(self, source: str, target: str, request: JsonObject | None, quirks: Sequence[str] = ()) -> Exchange:
        """An exchange whose request went out already: only its answer is to be converted."""
        body = request or {}
        model = body.get("model")
        exchange = self._exchange(target, source, body, None, None, quirks, model if isinstance(model, str) else None)
        if request:
            # a refused request's answer can still be read; only names of tools stay as the upstream has them
            with suppress(RequestRejected):
                exchange.prepare(request, None, None)
        return exchange

    def operation(self, name: str, source: str, target: str, body: JsonObject, model: str = "") -> OperationExchange:
        """An exchange of an operation besides chat, e.g. `embeddings`; LookupError where a side has no such thing."""
        client, upstream = self.dialect(source), self.dialect(target)
        facts: JsonObject = {"protocol": target, "model": model, "capabilities": {**upstream.protocol.capabilities}}
        context = Context(body, source, facts, int(self._clock()))
        context.model = model
        return OperationExchange(name, client, upstream, context, self._guard)

    @property
    def providers(self) -> Mapping[str, Mapping[str, Json]]:
        """What presets say of providers."""
        return self.library.index.providers

    @property
    def dialects(self) -> Mapping[str, Mapping[str, Json]]:
        """How models write tool calls as text."""
        return self.library.index.compat

    @property
    def clients(self) -> Mapping[str, Mapping[str, Json]]:
        """How to point clients at the proxy."""
        return self.library.index.clients

    def tokens_of(
        self, source: str, target: str, body: JsonObject, *, operation: str = "count_tokens", model: str = ""
    ) -> int:
        """How many tokens a client's chat request has for a model of `target`. Raises RequestRejected."""
        client, facts = self.dialect(source), self.protocols[source].operations.get(operation)
        context = Context(body, source, {"protocol": target, "model": "", "capabilities": {}}, int(self._clock()))
        return self.tokens_in(read_chat_request(client, facts, body, context, self._guard), target, model)

    def tokens_in(self, unified: JsonObject, target: str, model: str = "") -> int:
        """How many tokens a unified request has for a model of `target`, by default the one that it names."""
        rules = self.protocols[target].counting.of(model or str(unified.get("model") or ""))
        return count_request(unified, rules, load_tokenizer(rules.tokenizer))

    def count_tokens(
        self, source: str, target: str, body: JsonObject, *, operation: str = "count_tokens", model: str = ""
    ) -> JsonObject:
        """The number of tokens in the words of the client's protocol. Raises RequestRejected."""
        tokens = self.tokens_of(source, target, body, operation=operation, model=model)
        exchange = self.operation(operation, source, source, body, model)
        return exchange.client_response({"input": tokens, "estimated": True})

    def client_error(self, protocol: str, error: JsonObject) -> tuple[int, JsonObject]:
        """Status and body that clients of the protocol expect for a unified error."""
        context = Context({}, protocol, {}, int(self._clock()))
        with self._guard:
            return self.dialect(protocol).error(error, context)

    def dialect(self, name: str) -> Dialect:
        """A protocol ready to convert; compiled at first use. Raises LookupError for an unknown name."""
        if name not in self._dialects:
            if name not in self.protocols:
                raise LookupError(f"no protocol `{name}`; there are {', '.join(sorted(self.protocols))}")
            self._dialects[name] = build_dialect(self.library, self.protocols[name])
        return self._dialects[name]

    def _exchange(
        self,
        source: str,
        target: str,
        body: JsonObject,
        model: str | None,
        backend: Backend | None,
        quirks: Sequence[str],
        response_model: str | None,
        compat: TextCallMode | None = None,
    ) -> Exchange:
        client, upstream = self.dialect(source), self.dialect(target)
        own = body.get("model")
        name = model or (own if isinstance(own, str) else "")
        chain = self.quirks.chain(backend or Backend(target, name), tuple(quirks))
        facts: JsonObject = {
            "protocol": target,
            "model": name,
            "capabilities": {**upstream.protocol.capabilities, **chain.capabilities},
        }
        context = Context(body, source, facts, int(self._clock()))
        context.model = name
        calls = compat.begin() if compat is not None else None
        return self.exchange_type(client, upstream, context, chain, self._guard, self._new_id, response_model, calls)

    def units(self) -> dict[str, CompiledUnit]:
        """The code that is loaded, by the file name that Python knows it by."""
        units = {unit_filename(d.generated.name): d.unit() for d in self._dialects.values()}
        return units | {unit_filename(unit.generated.name): unit for unit in self.quirks.units.values()}

    def _place_of(self, error: BaseException) -> Span | None:
        return failing_place(error, self.units())

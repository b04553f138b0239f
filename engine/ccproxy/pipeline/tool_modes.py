"""Whether tools go by a provider's own interface or as text in the prompt.

    native    always by the interface
    compat    always as text; also what the path `/compat/…` asks for
    auto      as text unless tables, quirks or the runtime say that the model calls tools by itself
    (unset)   by the interface

Where the interface is used although nobody said so, a provider's answer that the model has no tools is remembered, and
the request is made again with tools as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.compat.book import DialectBook
    from ccproxy.compat.mode import CompatMode
    from ccproxy.compat.support import ToolSupport
    from ccproxy.config.model_facts import ModelBook
    from ccproxy.conversion.backend import Backend
    from ccproxy.pipeline.call import Call
    from ccproxy.pipeline.engine_port import Engine
    from ccproxy.policy.policy import Policy
    from ccproxy.routing.rotation import Turn

NATIVE: Final = "native"
COMPAT: Final = "compat"
AUTO: Final = "auto"
LOOKED_INTO_BYTES: Final = 4096


class ToolModes:
    """State: what is known of models, besides tables."""

    def __init__(self, engine: Engine, models: ModelBook) -> None:
        self._engine = engine
        self._models = models
        self._book: DialectBook | None = None
        self._support: ToolSupport | None = None
        self.shown: dict[tuple[str, str], tuple[str, ...]] = {}  # abilities that runtimes told of

    @property
    def book(self) -> DialectBook:
        """The dialects, read when first needed."""
        if self._book is None:
            from ccproxy.compat.book import DialectBook  # noqa: PLC0415 (most proxies never need it)

            self._book = DialectBook(self._engine.dialects)
        return self._book

    @property
    def support(self) -> ToolSupport:
        """What models refused."""
        if self._support is None:
            from ccproxy.compat.support import ToolSupport  # noqa: PLC0415

            self._support = ToolSupport(self.book.rules)
        return self._support

    def goes_by_text(self, call: Call, turn: Turn, policy: Policy, backend: Backend) -> bool:
        """Whether a request's tools go as text to a turn's model."""
        mode = policy.tool_mode
        if mode == NATIVE or not call.operation.is_chat:
            return False
        if mode == COMPAT or call.compat:
            return True
        if mode != AUTO:
            return self._support is not None and self._support.has_refused(backend.provider, backend.model)
        facts = self._models.facts(backend.model, turn.provider)
        return not self.support.is_native(
            backend.provider,
            backend.model,
            abilities=facts.abilities if facts else (),
            capabilities=self._engine.capabilities(backend, turn.provider.quirks),
            shown=self.shown.get((backend.provider, backend.model), ()),
        )

    def mode(self, backend: Backend) -> CompatMode:
        """Return how tools go as text to a model."""
        return self.book.mode(backend.model)

    def learn(self, policy: Policy, backend: Backend, told: bytes) -> bool:
        """Whether a provider's refusal says that the model has no tools, which is remembered."""
        if policy.tool_mode == NATIVE:
            return False
        text = told[:LOOKED_INTO_BYTES].decode("utf-8", "replace")
        return self.support.learn(backend.provider, backend.model, text)

"""All dialects of a library, and the one for a model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from ccproxy.compat.dialects import RULES, build_dialect, build_rules
from ccproxy.compat.grammar import build_grammar
from ccproxy.compat.guide import Guide
from ccproxy.compat.mode import CompatMode

if TYPE_CHECKING:
    from ccproxy.compat.dialects import Dialect, Rules
    from ccproxy.compat.grammar import Grammar
    from ccproxy.jsontypes import Json


class DialectBook:
    """The files of mappings/compat, read when first needed."""

    def __init__(self, files: Mapping[str, Mapping[str, Json]]) -> None:
        self._files = files
        self._grammars: dict[str, Grammar] = {}
        self._guides: dict[str, Guide] = {}

    @cached_property
    def rules(self) -> Rules:
        return build_rules(self._files[RULES])

    @cached_property
    def dialects(self) -> Mapping[str, Dialect]:
        return {name: build_dialect(name, facts) for name, facts in self._files.items() if name != RULES}

    def dialect(self, name: str) -> Dialect:
        """The dialect of that name. Raises LookupError when there is none."""
        if name not in self.dialects:
            raise LookupError(f"no tool dialect `{name}`; there are {', '.join(sorted(self.dialects))}")
        return self.dialects[name]

    def for_model(self, model: str) -> Dialect:
        """The dialect that a model was trained on: of those that match, the one with the longest pattern."""
        found = [(size, each.name) for each in self.dialects.values() if (size := each.fit(model))]
        return self.dialects[max(found)[1]] if found else self.default

    @cached_property
    def default(self) -> Dialect:
        return next((each for each in self.dialects.values() if each.is_default), next(iter(self.dialects.values())))

    def guide(self, dialect: Dialect) -> Guide:
        """The texts of a dialect; its templates are compiled at first use."""
        if dialect.name not in self._guides:
            self._guides[dialect.name] = Guide(dialect, self.rules)
        return self._guides[dialect.name]

    def mode(self, model: str, dialect: str = "", *, retry: bool = True) -> CompatMode:
        """Calls in text for a model, in the dialect of that name or else in its own. Raises LookupError.

        With `retry` an answer that is not understood is kept until it is closed, where the client has nothing yet.
        """
        return CompatMode(self, self.dialect(dialect) if dialect else self.for_model(model), retry)

    def grammar(self, own: Dialect) -> Grammar:
        """What answers are searched for when this dialect was asked for."""
        if own.name not in self._grammars:
            rules = self.rules
            self._grammars[own.name] = build_grammar(self.dialects.values(), own, rules.words, rules.thoughts)
        return self._grammars[own.name]

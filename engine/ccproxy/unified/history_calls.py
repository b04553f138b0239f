"""Calls and results of a paired history under ids and names that the target accepts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from ccproxy.unified.model import Block
from ccproxy.unified.naming import NameRule, legal_name
from ccproxy.unified.normal_rules import NormalRules
from ccproxy.unified.property_names import rename_arguments
from ccproxy.unified.tool_names import ToolNames

NewId: TypeAlias = Callable[[str], str]

MIRRORED: tuple[Literal["kind", "namespace"], ...] = ("kind", "namespace")


class HistoryCalls:
    """Ids of one request's calls; an id depends on nothing that comes after it. State of one normalisation."""

    __slots__ = ("_names", "_new_id", "_rule", "_taken", "client_ids", "renamed")

    def __init__(self, rules: NormalRules, names: ToolNames, new_id: NewId | None) -> None:
        self._rule: NameRule = rules.call_id
        self._names = names
        self._new_id = new_id
        self._taken: set[str] = set()
        self.client_ids: set[str] = set()
        self.renamed: dict[str, str] = {}

    def legalise(self, calls: list[Block], results: list[Block]) -> None:
        """Name calls, and give each result the id, name and kind of its call; both lists are in the same order."""
        self._legalise_ids(calls)
        if not self._names.know([call["name"] for call in calls]) or any("namespace" in call for call in calls):
            for call in calls:
                self._names.rename_call(call)
        if self._names.properties:
            self._rename_arguments(calls)
        for call, result in zip(calls, results, strict=False):
            result["id"] = call["id"]
            result["name"] = call["name"]
            if len(call) > 4 or "kind" in result or "namespace" in result:
                _match(result, call)

    def _rename_arguments(self, calls: list[Block]) -> None:
        for call in calls:
            renaming = self._names.properties.get(call["name"])
            if renaming and isinstance(call["arguments"], dict):
                call["arguments"] = rename_arguments(call["arguments"], renaming)

    def _legalise_ids(self, calls: list[Block]) -> None:
        ids = [call.get("id", "") for call in calls]
        self.client_ids.update(ids)
        if len(self.client_ids) == len(ids) and all(map(self._rule.is_legal, ids)):
            return
        self.client_ids.discard("")
        for call in calls:
            self._legalise_id(call)

    def _legalise_id(self, call: Block) -> None:
        old = call.get("id", "")
        new = legal_name(self._rule, old, self._taken) if old else self._fresh_id()
        self._taken.add(new)
        call["id"] = new
        if old and new != old:
            self.renamed[old] = new

    def _fresh_id(self) -> str:
        """Numbered, so that the same history has the same ids and prompt caches hold, unless told otherwise."""
        prefix = self._rule.prefix
        made = self._new_id(prefix) if self._new_id else f"{prefix}{len(self._taken) + 1:04}"
        return legal_name(self._rule, made, self._taken)


def _match(result: Block, call: Block) -> None:
    for name in MIRRORED:
        if name in call:
            result[name] = call[name]
        else:
            result.pop(name, None)

"""Calls and results of a paired history under ids and names that the target accepts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ccproxy.unified.model import Block, Message
from ccproxy.unified.naming import NameRule, legal_name
from ccproxy.unified.normal_rules import NormalRules
from ccproxy.unified.tool_names import ToolNames

NewId: TypeAlias = Callable[[str], str]


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

    def legalise(self, messages: list[Message]) -> None:
        """Name calls, and give each result the id, name and kind of its call; both stand in the same order."""
        calls: list[Block] = []
        for message in messages:
            content = message["content"]
            if message["role"] == "assistant":
                found = [block for block in content if block["type"] == "tool_call"]
                for call in found:
                    self._legalise_call(call)
                calls += found
            elif calls:
                for call, result in zip(calls, content, strict=False):
                    self._match(result, call)
                calls = []

    def _legalise_call(self, call: Block) -> None:
        call_id = call.get("id", "")
        if call_id in self._taken or not self._rule.is_legal(call_id):
            call_id = self._legal_id(call_id)
            call["id"] = call_id
        else:
            self.client_ids.add(call_id)
        self._taken.add(call_id)
        if call["name"] not in self._names.plain or "namespace" in call:
            self._names.rename_call(call)

    def _legal_id(self, old: str) -> str:
        if not old:
            return self._fresh_id()
        new = legal_name(self._rule, old, self._taken)
        self.client_ids.add(old)
        self.renamed[old] = new
        return new

    def _fresh_id(self) -> str:
        """Numbered, so that the same history has the same ids and prompt caches hold, unless told otherwise."""
        prefix = self._rule.prefix
        made = self._new_id(prefix) if self._new_id else f"{prefix}{len(self._taken) + 1:04}"
        return legal_name(self._rule, made, self._taken)

    def _match(self, result: Block, call: Block) -> None:
        result["id"] = call["id"]
        result["name"] = call["name"]
        if "kind" in call or "kind" in result:
            result["kind"] = call.get("kind", "function")
        if "namespace" in call:
            result["namespace"] = call["namespace"]
        else:
            result.pop("namespace", None)

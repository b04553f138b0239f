"""Every tool call answered exactly once: results first in the next user message, in the order of the calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ccproxy.unified.arguments import render_arguments
from ccproxy.unified.model import Block, Message

CALL_KINDS = ("tool_call", "tool_result")
NO_RESULT = "no result was returned for this call"
IN_WORDS = ("text", "native")


def paired_blocks(messages: list[Message]) -> tuple[list[Block], list[Block]] | None:
    """All calls and their results in the same order; None unless each stands where it belongs."""
    calls: list[Block] = []
    results: list[Block] = []
    for message in messages:
        of_assistant = message["role"] == "assistant"
        if of_assistant and len(calls) != len(results):
            return None
        results_are_over = of_assistant
        for block in message["content"]:
            kind = block["type"]
            if kind not in CALL_KINDS:
                results_are_over = True
            elif kind == "tool_call" and of_assistant:
                calls.append(block)
            elif kind == "tool_result" and not results_are_over:
                results.append(block)
            else:
                return None
        if not of_assistant and len(calls) != len(results):
            return None
    return (calls, results) if _match(calls, results) else None


def _match(calls: list[Block], results: list[Block]) -> bool:
    ids = [call.get("id") for call in calls]
    return all(ids) and ids == [result.get("id") for result in results]


@dataclass(slots=True)
class Record:
    """A call and the result found for it. State of one repair."""

    call: Block
    result: Block | None = None


class Pairing:
    """Finds the results of calls wherever they stand. State of one repair."""

    def __init__(self, *, keep_orphans: bool, keep_trailing: bool) -> None:
        self._keep_orphans = keep_orphans
        self._keep_trailing = keep_trailing
        self._by_id: dict[str, list[Record]] = {}
        self._turn: list[Record] = []
        self._records: list[Record] = []

    @property
    def calls(self) -> list[Block]:
        return [record.call for record in self._records]

    @property
    def results(self) -> list[Block]:
        """The results after a repair; calls left open are the last ones."""
        return [record.result for record in self._records if record.result is not None]

    def repair(self, messages: list[Message]) -> list[Message]:
        """The conversation with results moved to their calls; missing ones say so, orphans become text."""
        parts: list[tuple[Message, list[Record]]] = []
        for index, message in enumerate(messages):
            if message["role"] == "assistant" and (index == 0 or messages[index - 1]["role"] != "assistant"):
                self._turn = []
            content = [block for old in message["content"] for block in self._placed(old, message)]
            content.sort(key=_comes_later)
            ends_turn = index + 1 == len(messages) or messages[index + 1]["role"] != "assistant"
            records = self._turn if message["role"] == "assistant" and ends_turn else []
            parts.append(({**message, "content": content}, records))
        return list(self._joined(parts))

    def _joined(self, parts: list[tuple[Message, list[Record]]]) -> Iterator[Message]:
        for index, (message, records) in enumerate(parts):
            yield message
            is_last = not any(later["content"] for later, _ in parts[index + 1 :])
            if self._keep_trailing and is_last and not any(record.result for record in records):
                continue
            if records:
                yield {"role": "user", "content": [_answer(record) for record in records]}

    def _placed(self, block: Block, message: Message) -> Iterator[Block]:
        """What stays of a block in its place; a result with a call stays nowhere, it moves."""
        if block["type"] == "tool_call":
            yield self._call(block) if message["role"] == "assistant" else call_as_text(block)
        elif block["type"] != "tool_result":
            yield block
        elif (record := self._record_for(block)) is not None:
            record.result = block
        elif self._keep_orphans and message["role"] == "user" and block.get("id"):
            yield block
        else:
            yield from result_as_text(block)

    def _call(self, block: Block) -> Block:
        record = Record(block)
        self._turn.append(record)
        self._records.append(record)
        if block.get("id"):
            self._by_id.setdefault(block["id"], []).append(record)
        return block

    def _record_for(self, result: Block) -> Record | None:
        """By id, else among the unanswered calls of the last turn by name, else by order."""
        result_id = result.get("id")
        same_id = self._by_id.get(result_id or "", [])
        if same_id:
            return next((record for record in same_id if record.result is None), same_id[-1])
        waiting = [r for r in self._turn if r.result is None and not (result_id and r.call.get("id"))]
        same_name = (record for record in waiting if record.call.get("name") == result.get("name"))
        return next(same_name, waiting[0] if waiting else None)


def _comes_later(block: Block) -> bool:
    return block["type"] != "tool_result"


def _answer(record: Record) -> Block:
    call_id = record.call.get("id", "")
    if record.result is None:
        missing: Block = {"type": "text", "text": NO_RESULT}
        record.result = {"type": "tool_result", "id": call_id, "content": [missing], "error": True}
    return record.result


def result_as_text(result: Block) -> list[Block]:
    """A result whose call is gone, as text that says so; its pictures and files stay."""
    content = result.get("content") or []
    text = "\n".join(block["text"] for block in content if block["type"] in IN_WORDS and block.get("text"))
    label = result.get("name") or result.get("id") or "of an earlier call"
    first: Block = {"type": "text", "text": f"tool result {label}: {text or '(no output)'}"}
    if "cache" in result:
        first["cache"] = result["cache"]
    return [first, *(block for block in content if block["type"] not in IN_WORDS)]


def call_as_text(call: Block) -> Block:
    """A call that nobody could have made, as text."""
    arguments = call["arguments"]
    text = arguments if isinstance(arguments, str) else render_arguments(arguments)
    return {"type": "text", "text": f"tool call {call['name']}: {text}"}

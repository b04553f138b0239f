"""One answer of several rounds: what the model said, which tools were run in between, and what it all used."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Final, cast

from ccproxy.inject.offering import Offering, offering_of
from ccproxy.inject.results import with_last_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.unified.model import Block, Message, Tool, Usage

FREE_CHOICES: Final = (None, "auto")


class Rounds:
    """State of one request.

    `calls` are those that are to be run before the model is asked again; `dropped` names calls of ours that nobody ran.
    """

    def __init__(self, listed: Sequence[JsonObject], most: int) -> None:
        self._listed = listed
        self._turns: list[Message] = []
        self._offering: Offering | None = None
        self._said: list[Block] = []
        self.left = most
        self.number = 0
        self.usage: Usage = {}
        self.calls: tuple[Block, ...] = ()
        self.dropped: list[str] = []
        self.has_text = False  # the client has been given text of an earlier round

    @property
    def offering(self) -> Offering:
        """What is offered; known once a request was extended."""
        return self._offering or Offering()

    @property
    def is_active(self) -> bool:
        """Whether the request offers any of our tools."""
        return bool(self.offering.tools)

    def extend(self, request: JsonObject) -> JsonObject:
        """Return a client's unified request with our tools, and with the rounds that have been."""
        self.calls = ()
        tools = cast("list[Tool]", request.get("tools") or [])
        if self._offering is None:
            fits = _leaves_choice(request)
            taken = {str(tool["name"]) for tool in tools if tool.get("name")}
            self._offering = offering_of(self._listed, taken) if fits else Offering()
        if not self.is_active:
            return request
        messages = cast("list[Json]", request["messages"])
        offered = [*tools, *({**tool} for tool in self.offering.tools)]
        return {
            **request,
            "tools": cast("Json", offered),
            "messages": [*messages, *cast("list[Json]", deepcopy(self._turns))],
        }

    def count(self, usage: Usage) -> None:
        """Add what a round used."""
        self.usage = added_usage(self.usage, usage)

    def ask(self, content: Sequence[Block], calls: Sequence[Block]) -> None:
        """Take the model's turn, which calls our tools and nothing else."""
        self._said = list(content)
        self.calls = tuple(calls)

    def answer(self, results: Sequence[Block]) -> None:
        """Take the results of the calls, in their order."""
        self.left -= 1
        self.number += 1
        self.calls = ()
        told = list(results) if self.left else [*results[:-1], with_last_words(results[-1])]
        self._turns += [{"role": "assistant", "content": self._said}, {"role": "user", "content": told}]

    def drop(self, calls: Sequence[Block]) -> None:
        """Note calls that are neither run nor given to the client."""
        self.dropped += [f"tool_call({call['name']})" for call in calls]


def added_usage(one: Usage, other: Usage) -> Usage:
    """Return the sum of two reports."""
    summed: dict[str, object] = {**one}
    for name, count in other.items():
        known = summed.get(name)
        both = isinstance(known, int) and isinstance(count, int)
        summed[name] = known + count if both else known if count is None else count  # type: ignore[operator]
    return cast("Usage", summed)


def _leaves_choice(request: JsonObject) -> bool:
    """Whether the client leaves it to the model what to call, and wants one answer only."""
    choice = request.get("tool_choice")
    chosen = choice if isinstance(choice, dict) else {}
    is_free = chosen.get("mode") in FREE_CHOICES and chosen.get("allowed") is None
    return is_free and request.get("n") in (None, 1)

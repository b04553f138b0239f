"""How much context a request may bring, and what happens to one that brings more."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from orjson import dumps

from ccproxy.conversion.context import CHARACTERS_PER_TOKEN
from ccproxy.conversion.errors import RequestRejected
from ccproxy.policy.pointers import read, written
from ccproxy.policy.said import first_spoken, has_results, has_role

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.policy.places import Places, TurnPlaces

CountTokens = Callable[["JsonObject"], int]
STATUS: Final = 400


@dataclass(frozen=True, slots=True)
class ContextLimit:
    """The most tokens of instructions, tools and conversation together, as the client sent them.

    A longer request is refused, as a model with this context would; or, where it `trims`, loses its oldest turns. The
    system prompt stays, and what is left begins with something that the user said, so that no call loses its result.
    """

    tokens: int
    trims: bool = False

    def fitted(self, body: JsonObject, places: Places, count: CountTokens) -> JsonObject:
        """Return the body, or the most of it that fits; raise RequestRejected when nothing can be left out."""
        size = count(body)
        if size <= self.tokens:
            return body
        shorter = list(_shorter(body, places.turns)) if self.trims and places.turns else []
        # the more is left out, the less remains: the first that fits keeps the most
        at = bisect_left(shorter, True, key=lambda less: count(less) <= self.tokens)
        if at == len(shorter):
            raise _too_long(size, self.tokens)
        return shorter[at]


def estimate_tokens(body: JsonObject) -> int:
    """Return the tokens of a body as far as its length tells."""
    return len(dumps(body)) // CHARACTERS_PER_TOKEN


def _shorter(body: JsonObject, turns: TurnPlaces) -> list[JsonObject]:
    """Return the body with ever fewer turns, each beginning with what the user said."""
    conversation = read(body, turns.at)
    if not isinstance(conversation, list):
        return []
    first = next((n for n, turn in enumerate(conversation) if not has_role(turn, turns.system_roles)), 0)
    starts = [n for n in range(first + 1, len(conversation)) if _is_spoken(conversation[n], turns)]
    return [written(body, turns.at, [*conversation[:first], *conversation[n:]]) for n in starts]


def _is_spoken(turn: Json, turns: TurnPlaces) -> bool:
    if not isinstance(turn, dict) or not has_role(turn, turns.user_roles):
        return False
    said = turn.get(turns.content)
    return first_spoken(said, turns.results) is not None and not has_results(said, turns.results)


def _too_long(size: int, limit: int) -> RequestRejected:
    told = f"The prompt is too long: it has about {size} tokens, and this group allows {limit}."
    return RequestRejected({"kind": "context_length", "status": STATUS, "message": told})

"""What a client's protocol can hold of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from ccproxy.jsontypes import Json


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """`answers` of a client's protocol.yaml.

    natives     protocols whose native blocks the client's mapping can write; None stands for all
    signatures  where signatures of texts and calls go: `blocks`, on themselves; `thoughts`, into a block of thoughts
                before the call, since clients send only those back; or `none`
    """

    natives: frozenset[str] | None = None
    signatures: Literal["blocks", "thoughts", "none"] = "blocks"


HOLDS_ALL: Final = AnswerRules()


def build_answer_rules(natives: frozenset[str], facts: Mapping[str, Json]) -> AnswerRules:
    """The rules that a checked protocol.yaml states."""
    return AnswerRules(natives, cast("Literal['blocks', 'thoughts', 'none']", facts.get("signatures", "blocks")))

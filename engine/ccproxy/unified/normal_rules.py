"""What a target protocol demands of a request: the facts that the normal form is built from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, cast

from ccproxy.jsontypes import Json
from ccproxy.unified.naming import NameRule

COMMON_NAME: Final = NameRule()
COMMON_ID: Final = NameRule(prefix="call_")


@dataclass(frozen=True, slots=True)
class NormalRules:
    """`limits` and `normal_form` of a target's protocol.yaml.

    property_name       of tool parameters, where the target refuses some; undone in the arguments of calls
    protocol            the target's name; signatures, encrypted thoughts and native blocks of others go
    natives             protocols whose native blocks and tools the target's mapping can write; at least its own
    inline_system       later system messages: `keep` in place, or `user` text in `<system-reminder>` tags
    first_role          `user`: the conversation begins with a user message, made up if there is none
    custom_tools        free text tools: `keep`, or `function` with one `input` argument, undone in answers
    namespaces          of tools: `keep`, or `join` them to the name, undone in answers
    blank_text          text of blanks only: `remove` or `keep`; empty text is always removed
    unsigned_reasoning  thoughts without an own signature: `keep` or `drop`
    signed_tool_turns   `true`: thinking is switched off when a tool turn to be continued has no signed thoughts
    trailing_calls      calls that nothing follows: `answer` with an error result, or `keep`
    speaker_names       `keep`: neighbours with different names are not merged
    history_fields      own extra fields that say that earlier turns are stored upstream: orphan results stay
    """

    protocol: str
    tool_name: NameRule = COMMON_NAME
    call_id: NameRule = COMMON_ID
    property_name: NameRule | None = None
    natives: frozenset[str] = frozenset()
    inline_system: Literal["keep", "user"] = "keep"
    first_role: Literal["any", "user"] = "any"
    custom_tools: Literal["keep", "function"] = "function"
    namespaces: Literal["keep", "join"] = "join"
    blank_text: Literal["remove", "keep"] = "remove"
    unsigned_reasoning: Literal["keep", "drop"] = "keep"
    signed_tool_turns: bool = False
    trailing_calls: Literal["answer", "keep"] = "answer"
    speaker_names: Literal["keep", "drop"] = "drop"
    history_fields: tuple[str, ...] = ()
    known_protocols: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known_protocols", self.natives | {self.protocol})


def build_rules(
    protocol: str, limits: Mapping[str, Mapping[str, Json]], normal_form: Mapping[str, Json]
) -> NormalRules:
    """The rules that a checked protocol.yaml states."""
    facts = {name: value for name, value in normal_form.items() if value is not None}
    names: dict[str, Json] = {
        "tool_name": cast("Json", build_name_rule(limits.get("tool_name", {}))),
        "call_id": cast("Json", build_name_rule({"prefix": "call_", **limits.get("call_id", {})})),
        "natives": cast("Json", frozenset(cast("Sequence[str]", facts.pop("natives", ())))),
        "history_fields": cast("Json", tuple(cast("Sequence[str]", facts.pop("history_fields", ())))),
    }
    if "property_name" in limits:
        names["property_name"] = cast("Json", build_name_rule(limits["property_name"]))
    return NormalRules(protocol=protocol, **cast("dict[str, str]", {**facts, **names}))  # type: ignore[arg-type]


def build_name_rule(limit: Mapping[str, Json]) -> NameRule:
    """A limit of protocol.yaml: `pattern` is the class of legal characters."""
    facts = {"allowed" if name == "pattern" else name: value for name, value in limit.items()}
    return NameRule(**cast("dict[str, str]", facts))  # type: ignore[arg-type]

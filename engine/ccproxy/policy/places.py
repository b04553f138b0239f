"""Where the things that policies change are in a body: in a protocol's own, or in the unified format.

A protocol says it under `policy:` of its protocol.yaml; the unified format is one more such body, so that one
implementation serves both paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ccproxy.policy.pointers import Steps, parse_pointer
from ccproxy.policy.sampling import SETTINGS

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.protocol import Operation, Protocol


@dataclass(frozen=True, slots=True)
class Budget:
    """A number that must stay below another; where no more than `least` is left, `remove` goes."""

    at: Steps
    least: float
    remove: Steps


@dataclass(frozen=True, slots=True)
class SettingPlace:
    """Places of one setting: the first that has it is read, all that have it are written, else the first of all.

    Values below `none_below` mean that there is none; `unless` names places whose values forbid a change.
    """

    at: tuple[Steps, ...]
    least: float | None = None
    most: float | None = None
    none_below: float | None = None
    unless: tuple[tuple[Steps, frozenset[str]], ...] = ()
    budget: Budget | None = None


@dataclass(frozen=True, slots=True)
class SystemPlace:
    """The field of the system prompt: a text, a list of parts, or an object that holds the list as `parts`."""

    at: Steps
    parts: str = ""
    as_list: bool = False


@dataclass(frozen=True, slots=True)
class TurnPlaces:
    """The conversation. `part` is a part of text around it; `marks` are fields of parts that outlive their text.

    `results` are types or fields of parts that answer tool calls; `system_role` is that of a new system turn.
    """

    at: Steps
    content: str = "content"
    user_roles: frozenset[str] = frozenset({"user"})
    system_roles: frozenset[str] = frozenset()
    system_role: str = "system"
    part: Mapping[str, Json] = field(default_factory=dict)
    results: frozenset[str] = frozenset()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChoicePlace:
    """A choice of tools by `name`, or by lists of names `allowed`; once they are gone, `otherwise` or nothing."""

    at: Steps
    name: tuple[Steps, ...] = ()
    allowed: tuple[Steps, ...] = ()
    otherwise: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class ToolPlaces:
    """Lists of tools. `inside` are lists within a tool that hold tools, `keyed` tools are named by their keys.

    `gone_with_tools` goes with the last tool.
    """

    at: tuple[Steps, ...]
    name: tuple[Steps, ...]
    namespace: str = ""
    inside: tuple[str, ...] = ()
    keyed: bool = False
    choices: tuple[ChoicePlace, ...] = ()
    gone_with_tools: tuple[Steps, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """All places of one kind of body; `keep` is set where names may be in two cases (see mapping/keycase.py)."""

    settings: Mapping[str, SettingPlace] = field(default_factory=dict)
    system: SystemPlace | None = None
    turns: TurnPlaces | None = None
    tools: ToolPlaces | None = None
    keep: frozenset[str] | None = None


UNIFIED = Places(
    settings={name: SettingPlace(((name,),)) for name in SETTINGS},
    system=SystemPlace(("system",), as_list=True),
    turns=TurnPlaces(
        ("messages",),
        system_roles=frozenset({"system"}),
        part={"type": "text"},
        results=frozenset({"tool_result"}),
        marks=("cache",),
    ),
    tools=ToolPlaces(
        (("tools",),),
        (("name",),),
        namespace="namespace",
        choices=(ChoicePlace(("tool_choice",), (("name",),), (("allowed",),), {"mode": "auto"}),),
        gone_with_tools=(("tool_choice",),),
    ),
)


def build_places(protocol: Protocol, operation: Operation) -> Places | None:
    """Return the places in the bodies of an operation; None where policies have no say, as in embeddings."""
    facts = _map(protocol.facts.get("policy"))
    if not facts or not operation.is_chat:
        return None
    keys = protocol.request_keys
    common = Places(settings=_settings(_map(facts.get("settings"))), keep=keys.keep if keys else None)
    others = _map(facts.get("operations"))
    own = _map(others.get(operation.name)) if operation.name in others else facts
    return replace(
        common,
        system=_system(_map(own.get("system"))),
        turns=_turns(_map(own.get("turns"))),
        tools=_tools(_map(own.get("tools"))),
    )


def _settings(facts: Mapping[str, Json]) -> dict[str, SettingPlace]:
    return {name: _setting(value if isinstance(value, dict) else {"at": value}) for name, value in facts.items()}


def _setting(facts: JsonObject) -> SettingPlace:
    unless = _map(facts.get("unless"))
    return SettingPlace(
        at=_pointers(facts.get("at")),
        least=_number(facts.get("least")),
        most=_number(facts.get("most")),
        none_below=_number(facts.get("none_below")),
        unless=tuple((_steps(pointer), frozenset(_texts(words))) for pointer, words in unless.items()),
        budget=_budget(_map(facts.get("budget"))),
    )


def _budget(facts: Mapping[str, Json]) -> Budget | None:
    return Budget(_steps(facts["at"]), _number(facts["least"]) or 0, _steps(facts["remove"])) if facts else None


def _system(facts: Mapping[str, Json]) -> SystemPlace | None:
    if not facts:
        return None
    return SystemPlace(_steps(facts["at"]), str(facts.get("parts", "")), facts.get("list") is True)


def _turns(facts: Mapping[str, Json]) -> TurnPlaces | None:
    if not facts:
        return None
    plain, system = TurnPlaces(()), _texts(facts.get("system_roles"))
    return TurnPlaces(
        at=_steps(facts["at"]),
        content=str(facts.get("content", plain.content)),
        user_roles=frozenset(_texts(facts.get("user_roles"))) or plain.user_roles,
        system_roles=frozenset(system),
        system_role=system[0] if system else plain.system_role,
        part=_map(facts.get("part")),
        results=frozenset(_texts(facts.get("results"))),
        marks=_texts(facts.get("marks")),
    )


def _tools(facts: Mapping[str, Json]) -> ToolPlaces | None:
    if not facts:
        return None
    choices = facts.get("choices")
    return ToolPlaces(
        at=_pointers(facts["at"]),
        name=_pointers(facts.get("name")),
        inside=_texts(facts.get("inside")),
        keyed=facts.get("keyed") is True,
        choices=tuple(_choice(_map(choice)) for choice in choices) if isinstance(choices, list) else (),
        gone_with_tools=_pointers(facts.get("gone_with_tools")),
    )


def _choice(facts: Mapping[str, Json]) -> ChoicePlace:
    otherwise = _map(facts["otherwise"]) if "otherwise" in facts else None
    return ChoicePlace(_steps(facts["at"]), _pointers(facts.get("name")), _pointers(facts.get("allowed")), otherwise)


def _pointers(value: Json) -> tuple[Steps, ...]:
    return tuple(_steps(text) for text in ([value] if isinstance(value, str) else _texts(value)))


def _steps(value: Json) -> Steps:
    steps = parse_pointer(str(value))
    if steps is None:
        raise ValueError(f"{value!r} is no JSON pointer")
    return steps


def _map(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _number(value: Json) -> float | None:
    return value if isinstance(value, int | float) else None

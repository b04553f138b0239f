"""Every policy says the same in every protocol, whether requests are converted or not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ccproxy.jsontypes import Json
from ccproxy.policy.context_limit import ContextLimit
from ccproxy.policy.names import NamePatterns
from ccproxy.policy.parameters import build_parameter
from ccproxy.policy.policy import NO_POLICY, Policy
from ccproxy.policy.prompting import Injection, Replacement
from ccproxy.policy.sampling import Sampling
from policy.bodies import ASKED, BODIES, PROTOCOLS, SYSTEM
from policy.conftest import Meaning, Paths

MINE = "Answer in one line."


def settings(**expected: Json) -> Callable[[Meaning], bool]:
    return lambda meaning: all(meaning.settings.get(name) == value for name, value in expected.items())


def system(*parts: str) -> Callable[[Meaning], bool]:
    return lambda meaning: meaning.system.split("\n\n") == list(parts) and meaning.asked == ASKED


def untouched(meaning: Meaning) -> bool:
    return " ".join(meaning.system.split()) == SYSTEM and meaning.asked == ASKED and len(meaning.tools) == 3


def said_to_user(meaning: Meaning) -> bool:
    return meaning.asked == f"{MINE}\n\n{ASKED}" and "careful" in meaning.system and MINE not in meaning.system


def reads_only(meaning: Meaning) -> bool:
    choice = meaning.tool_choice if isinstance(meaning.tool_choice, dict) else {}
    free = choice.get("mode") in (None, "auto") and not {"name", "allowed"} & choice.keys()
    return meaning.tools == ["Read"] and free and ("assistant", "Done.") in meaning.texts


def has_no_tools(meaning: Meaning) -> bool:
    return meaning.tools == [] and meaning.tool_choice is None


def is_trimmed(meaning: Meaning) -> bool:
    return meaning.texts == [("user", ASKED)] and "careful" in meaning.system


# What a group sets, and what a provider then reads.
CASES: dict[str, tuple[Policy, Callable[[Meaning], bool]]] = {
    "nothing": (NO_POLICY, untouched),
    "ratio": (Policy(sampling=Sampling(0.7)), settings(temperature=0.7)),
    "ratio_then_cap": (Policy(sampling=Sampling(0.7, {}, {"temperature": 0.5})), settings(temperature=0.5)),
    "cap": (Policy(sampling=Sampling(caps={"max_tokens": 100})), settings(max_tokens=100)),
    "high_cap": (Policy(sampling=Sampling(caps={"max_tokens": 9000})), settings(max_tokens=2000)),
    "default": (Policy(sampling=Sampling(defaults={"top_p": 0.5})), settings(top_p=0.5, temperature=1.0)),
    "default_of_a_given": (Policy(sampling=Sampling(defaults={"temperature": 0.1})), settings(temperature=1.0)),
    "drop_by_name_and_glob": (Policy(dropped_tools=NamePatterns(("WebFetch", "*Sear?h"))), reads_only),
    "drop_all": (Policy(dropped_tools=NamePatterns(("*",))), has_no_tools),
    "drop_by_other_case": (Policy(dropped_tools=NamePatterns(("webfetch", "Web"))), untouched),
    "enhance": (Policy(Injection(MINE)), lambda m: m.system.endswith("careful.\n\n" + MINE) and m.asked == ASKED),
    "replace": (Policy(Injection(MINE, replaces=True)), system(MINE)),
    "to_user": (Policy(Injection(MINE, to_user=True)), said_to_user),
    "to_user_never_replaces": (Policy(Injection(MINE, replaces=True, to_user=True)), said_to_user),
    "prompt_without_tools": (
        Policy(Injection(MINE), dropped_tools=NamePatterns(("*",))),
        lambda m: MINE not in m.system,
    ),
    "prompt_always": (
        Policy(Injection(MINE, always=True), dropped_tools=NamePatterns(("*",))),
        lambda m: m.system.endswith(MINE),
    ),
    "words": (
        Policy(replacements=(Replacement("Claude Code", "Aide"), Replacement("Aide is", "It is"))),
        lambda m: " ".join(m.system.split()) == "You are Aide. It is careful." and m.asked == ASKED,
    ),
    "words_of_the_client_only": (
        Policy(Injection("I am Claude Code."), (Replacement("Claude Code", "Aide"),)),
        lambda m: m.system.endswith("Aide is careful.\n\nI am Claude Code."),
    ),
    "trim": (Policy(context=ContextLimit(10, trims=True)), is_trimmed),
    "all_at_once": (
        Policy(
            Injection(MINE),
            (Replacement("Claude Code", "Aide"),),
            NamePatterns(("Web*",)),
            Sampling(0.5, {"temperature": 0.1}, {"max_tokens": 50}),
        ),
        lambda m: (
            reads_only(m)
            and m.system.endswith("Aide is careful.\n\n" + MINE)
            and settings(temperature=0.5, max_tokens=50)(m)
        ),
    ),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("case", CASES)
def test_acts_the_same_on_both_paths(paths: Paths, case: str, protocol: str) -> None:
    policy, expected = CASES[case]

    direct = paths.meaning(protocol, paths.direct(policy, protocol, BODIES[protocol]))
    converted = paths.meaning(protocol, paths.converted(policy, protocol, BODIES[protocol]))

    assert expected(direct), direct
    assert expected(converted), converted
    assert direct == converted


# Not every model takes `top_p` beside `temperature`, and a conversion knows which.
ANYWHERE = [case for case in CASES if case != "default"]
PAIRS = [(source, target) for source in PROTOCOLS for target in PROTOCOLS if source != target]


@pytest.mark.parametrize(("source", "target"), PAIRS)
@pytest.mark.parametrize("case", ANYWHERE)
def test_acts_the_same_between_protocols(paths: Paths, case: str, source: str, target: str) -> None:
    policy, expected = CASES[case]

    converted = paths.meaning(target, paths.converted(policy, source, BODIES[source], target))

    assert expected(converted), converted


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_parameters_are_the_last_word_everywhere(paths: Paths, protocol: str) -> None:
    policy = Policy(
        changes=(
            build_parameter(("enable_thinking",), False),
            build_parameter(("made", "here"), {"default": 1}),
            build_parameter(("tools",), {"delete": True}),
        )
    )

    for body in (
        paths.direct(policy, protocol, BODIES[protocol]),
        paths.converted(policy, protocol, BODIES[protocol]),
    ):
        assert (False, {"here": 1}) == (body["enable_thinking"], body["made"])
        assert "tools" not in body

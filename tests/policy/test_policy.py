"""The parts of a policy by themselves."""

from __future__ import annotations

import pytest

from ccproxy.conversion.errors import RequestRejected
from ccproxy.jsontypes import Json, JsonObject
from ccproxy.policy.context_limit import ContextLimit
from ccproxy.policy.conversation import conversation_of
from ccproxy.policy.names import NamePatterns
from ccproxy.policy.parameters import build_parameter
from ccproxy.policy.pointers import parse_path, parse_pointer, read
from ccproxy.policy.policy import Policy
from ccproxy.policy.prompting import Injection
from ccproxy.policy.sampling import Sampling
from policy.bodies import BODIES, PROTOCOLS
from policy.conftest import Paths


@pytest.mark.parametrize(
    ("patterns", "name", "is_one"),
    [
        (("WebFetch",), "WebFetch", True),
        (("WebFetch",), "WebFetch2", False),
        (("web*",), "WebFetch", False),
        (("mcp__?_*",), "mcp__a_b", True),
        (("a.b",), "axb", False),
        (("x", "*Search"), "WebSearch", True),
        ((), "", False),
    ],
)
def test_patterns(patterns: tuple[str, ...], name: str, is_one: bool) -> None:
    assert is_one == NamePatterns(patterns).match(name)


@pytest.mark.parametrize(
    ("path", "value", "body", "expected"),
    [
        ("a", 1, {}, {"a": 1}),
        ("/a/b", 1, {}, {"a": {"b": 1}}),
        ("/a/b", 1, {"a": None}, {"a": {"b": 1}}),
        ("/a/b", 1, {"a": "text"}, {"a": "text"}),
        ("/a~1b/~0", 1, {}, {"a/b": {"~": 1}}),
        ("/list/-", 3, {"list": [1]}, {"list": [1, 3]}),
        ("/list/0/x", 3, {"list": [{"y": 1}, 2]}, {"list": [{"y": 1, "x": 3}, 2]}),
        ("/list/7", 3, {"list": [1]}, {"list": [1]}),
        ("a", {"default": 1}, {}, {"a": 1}),
        ("a", {"default": 1}, {"a": 2}, {"a": 2}),
        ("a", {"default": 1}, {"a": False}, {"a": False}),
        ("a", {"delete": True}, {"a": 2, "b": 1}, {"b": 1}),
        ("a", {"delete": True}, {"b": 1}, {"b": 1}),
        ("/a/b", {"delete": True}, {"a": {"b": 1, "c": 2}}, {"a": {"c": 2}}),
        ("/list/0", {"delete": True}, {"list": [1, 2]}, {"list": [2]}),
        ("a", {"set": {"default": 1}}, {"a": 2}, {"a": {"default": 1}}),
        ("a", {"type": "disabled"}, {"a": {"budget": 2}}, {"a": {"type": "disabled"}}),
        ("a", {"delete": False}, {}, {"a": {"delete": False}}),
    ],
)
def test_parameters(path: str, value: Json, body: JsonObject, expected: JsonObject) -> None:
    steps = parse_path(path)
    assert steps is not None

    assert expected == Policy(changes=(build_parameter(steps, value),)).parameters(body)


def test_later_requests_do_not_see_what_became_of_a_parameter() -> None:
    policy = Policy(changes=(build_parameter(("a",), {"set": {"list": []}}),))
    body = policy.parameters({})

    read_list = read(body, ("a", "list"))
    assert isinstance(read_list, list)
    read_list.append(1)

    assert {"a": {"list": []}} == policy.parameters({})


@pytest.mark.parametrize("text", ["", "a", "/", "a/b", "/a~", "/~2"])
def test_what_is_no_pointer(text: str) -> None:
    assert parse_pointer(text) is None


def test_a_ratio_leaves_no_rounding_errors() -> None:
    assert {"temperature": 0.07} == Sampling(0.7).changes({"temperature": 0.1}.get)


def test_a_ratio_needs_a_temperature() -> None:
    assert {} == Sampling(0.7).changes({"temperature": "hot"}.get)
    assert {"temperature": 1.0} == Sampling(0.7, {"temperature": 1.0}).changes({}.get)


def test_a_prompt_for_some_models_only() -> None:
    policy = Policy(Injection("x", models=NamePatterns(("claude-haiku-*",))), sampling=Sampling(0.5))

    assert policy.for_model("claude-haiku-4") is policy
    assert Policy(sampling=Sampling(0.5)) == policy.for_model("claude-sonnet-4")


TALK: list[Json] = [
    {"role": "user", "content": [{"type": "text", "text": "one"}]},
    {"role": "assistant", "content": [{"type": "tool_call", "id": "a", "name": "t", "arguments": {}}]},
    {"role": "user", "content": [{"type": "tool_result", "id": "a", "content": []}, {"type": "text", "text": "and"}]},
    {"role": "assistant", "content": [{"type": "text", "text": "yes"}]},
    {"role": "user", "content": [{"type": "text", "text": "two"}]},
    {"role": "assistant", "content": [{"type": "text", "text": "no"}]},
    {"role": "user", "content": [{"type": "text", "text": "three"}]},
]


def count_turns(body: JsonObject) -> int:
    turns = body["messages"]
    return len(turns) if isinstance(turns, list) else 0


@pytest.mark.parametrize(("limit", "kept"), [(7, 7), (6, 3), (3, 3), (2, 1), (1, 1)])
def test_trims_whole_exchanges(limit: int, kept: int) -> None:
    policy = Policy(context=ContextLimit(limit, trims=True))

    assert TALK[-kept:] == policy.limit({"messages": TALK}, count_turns)["messages"]


def test_counts_few_lengths_of_a_long_conversation() -> None:
    counted: list[int] = []

    def count(body: JsonObject) -> int:
        counted.append(count_turns(body))
        return counted[-1]

    Policy(context=ContextLimit(100, trims=True)).limit({"messages": TALK[-3:-1] * 500}, count)

    assert len(counted) < 13


@pytest.mark.parametrize("context", [ContextLimit(0, trims=True), ContextLimit(6)])
def test_refuses_as_a_model_with_this_context_would(context: ContextLimit) -> None:
    with pytest.raises(RequestRejected) as caught:
        Policy(context=context).limit({"messages": TALK}, count_turns)

    assert ("context_length", 400) == (caught.value.error["kind"], caught.value.error["status"])
    assert f"allows {context.tokens}" in str(caught.value)


def test_drops_tools_by_their_namespace_too() -> None:
    tools: list[Json] = [{"type": "function", "name": "fetch", "namespace": name} for name in ("mcp__web", "mcp__file")]

    limited = Policy(dropped_tools=NamePatterns(("mcp__web__*",))).limit({"messages": [], "tools": tools})

    assert tools[1:] == limited["tools"]


def test_a_choice_of_tools_keeps_what_else_it_says() -> None:
    request: JsonObject = {
        "messages": [],
        "tools": [{"type": "function", "name": name} for name in "abc"],
        "tool_choice": {"mode": "required", "allowed": ["a", "b"], "parallel": False},
    }

    def limited(*dropped: str) -> Json:
        return Policy(dropped_tools=NamePatterns(dropped)).limit(request)["tool_choice"]

    assert {"mode": "required", "allowed": ["b"], "parallel": False} == limited("a")
    assert {"mode": "auto", "parallel": False} == limited("a", "b")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_conversation_is_known_by_its_beginning(paths: Paths, protocol: str) -> None:
    body, places = BODIES[protocol], paths.places(protocol)
    assert places is not None
    assert places.turns is not None
    field = places.turns.at[0]
    turns = body[field]
    assert isinstance(turns, list)

    known = conversation_of(body, places)

    assert len(known) == 16
    assert known == conversation_of({**body, field: turns[:3], "temperature": 0}, places)
    assert known != conversation_of({**body, field: turns[-1:]}, places)
    assert conversation_of({}, places) == ""

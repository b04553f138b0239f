"""What is special about single protocols, on the direct path."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.policy.context_limit import ContextLimit
from ccproxy.policy.conversation import conversation_of
from ccproxy.policy.names import NamePatterns
from ccproxy.policy.parameters import build_parameter
from ccproxy.policy.pointers import Steps, written
from ccproxy.policy.policy import NO_POLICY, Policy
from ccproxy.policy.prompting import Injection, Replacement
from ccproxy.policy.sampling import Sampling
from policy.bodies import BODIES, CACHED
from policy.conftest import Paths

MINE = "Be brief."
ENHANCE = Policy(Injection(MINE, always=True))
REPLACE = Policy(Injection(MINE, replaces=True, always=True))
TO_USER = Policy(Injection(MINE, to_user=True, always=True))
NO_WEB = Policy(dropped_tools=NamePatterns(("Web*",)))
MARKED: JsonObject = {"type": "text", "text": "Old.", "cache_control": CACHED}
MY_PART: JsonObject = {"type": "text", "text": MINE}


def user(content: Json, **more: Json) -> JsonObject:
    return {"messages": [{"role": "user", "content": content}], **more}


# protocol, policy, what a client sends, what goes to the provider
CASES: dict[str, tuple[str, Policy, JsonObject, JsonObject]] = {
    "keeps_a_cached_system_beside_the_prompt": (
        "claude",
        ENHANCE,
        user("Hi", system=[MARKED]),
        user("Hi", system=[MARKED, MY_PART]),
    ),
    "adds_to_a_system_in_one_text": (
        "claude",
        ENHANCE,
        user("Hi", system="Old."),
        user("Hi", system=f"Old.\n\n{MINE}"),
    ),
    "begins_a_system": ("claude", ENHANCE, user("Hi"), user("Hi", system=MINE)),
    "replaces_a_cached_system_by_a_cached_prompt": (
        "claude",
        REPLACE,
        user("Hi", system=[MARKED, {"type": "text", "text": "More."}]),
        user("Hi", system=[{**MY_PART, "cache_control": CACHED}]),
    ),
    "leaves_out_texts_that_nothing_is_left_of": (
        "claude",
        Policy(replacements=(Replacement("Old.", ""),)),
        user("Hi", system=[MARKED, {"type": "text", "text": "More."}]),
        user("Hi", system=[{"type": "text", "text": "More."}]),
    ),
    "leaves_out_a_system_that_nothing_is_left_of": (
        "claude",
        Policy(replacements=(Replacement("Old.", ""),)),
        user("Hi", system="Old."),
        user("Hi"),
    ),
    "puts_the_prompt_after_results_of_tools": (
        "claude",
        TO_USER,
        user([{"type": "tool_result", "tool_use_id": "t", "content": "r"}, {"type": "text", "text": "Go on."}]),
        user(
            [{"type": "tool_result", "tool_use_id": "t", "content": "r"}, {"type": "text", "text": f"{MINE}\n\nGo on."}]
        ),
    ),
    "puts_the_prompt_before_a_picture": (
        "claude",
        TO_USER,
        user([{"type": "image", "source": {"type": "url", "url": "u"}}]),
        user([MY_PART, {"type": "image", "source": {"type": "url", "url": "u"}}]),
    ),
    "leaves_the_temperature_of_thoughts": (
        "claude",
        Policy(sampling=Sampling(0.5, {"top_k": 3})),
        user("Hi", temperature=1, thinking={"type": "enabled", "budget_tokens": 2000}),
        user("Hi", temperature=1, thinking={"type": "enabled", "budget_tokens": 2000}),
    ),
    "keeps_the_budget_of_thoughts_below_the_limit": (
        "claude",
        Policy(sampling=Sampling(caps={"max_tokens": 4000})),
        user("Hi", max_tokens=32000, thinking={"type": "enabled", "budget_tokens": 31999}),
        user("Hi", max_tokens=4000, thinking={"type": "enabled", "budget_tokens": 3999}),
    ),
    "thinks_no_more_where_the_limit_leaves_no_room": (
        "claude",
        Policy(sampling=Sampling(caps={"max_tokens": 500})),
        user("Hi", max_tokens=32000, thinking={"type": "enabled", "budget_tokens": 31999}),
        user("Hi", max_tokens=500),
    ),
    "never_exceeds_the_greatest_temperature": (
        "claude",
        Policy(sampling=Sampling(1.5)),
        user("Hi", temperature=0.9),
        user("Hi", temperature=1),
    ),
    "has_no_place_for_penalties": (
        "claude",
        Policy(sampling=Sampling(defaults={"presence_penalty": 1, "stop": "X"})),
        user("Hi"),
        user("Hi", stop_sequences=["X"]),
    ),
    "adds_to_the_instructions_of_a_developer": (
        "openai-chat",
        ENHANCE,
        {"messages": [{"role": "developer", "content": [MARKED]}, {"role": "user", "content": "Hi"}]},
        {"messages": [{"role": "developer", "content": [MARKED, MY_PART]}, {"role": "user", "content": "Hi"}]},
    ),
    "replaces_all_instructions": (
        "openai-chat",
        REPLACE,
        {
            "messages": [
                {"role": "developer", "content": "a"},
                {"role": "system", "content": "b"},
                {"role": "user", "content": "Hi"},
            ]
        },
        {"messages": [{"role": "developer", "content": MINE}, {"role": "user", "content": "Hi"}]},
    ),
    "caps_the_newer_limit_where_it_stands": (
        "openai-chat",
        Policy(sampling=Sampling(caps={"max_tokens": 10})),
        user("Hi", max_completion_tokens=20),
        user("Hi", max_completion_tokens=10),
    ),
    "limits_what_has_no_limit": (
        "openai-chat",
        Policy(sampling=Sampling(caps={"max_tokens": 10, "temperature": 1})),
        user("Hi"),
        user("Hi", max_tokens=10),
    ),
    "filters_allowed_tools": (
        "openai-chat",
        NO_WEB,
        user(
            "Hi",
            tools=[{"type": "function", "function": {"name": name}} for name in ("Read", "Write", "WebFetch")],
            tool_choice={
                "type": "allowed_tools",
                "allowed_tools": {
                    "mode": "required",
                    "tools": [{"type": "function", "function": {"name": name}} for name in ("Read", "WebFetch")],
                },
            },
        ),
        user(
            "Hi",
            tools=[{"type": "function", "function": {"name": name}} for name in ("Read", "Write")],
            tool_choice={
                "type": "allowed_tools",
                "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "Read"}}]},
            },
        ),
    ),
    "filters_functions_of_old": (
        "openai-chat",
        NO_WEB,
        user("Hi", functions=[{"name": "WebFetch"}], function_call={"name": "WebFetch"}),
        user("Hi"),
    ),
    "filters_tools_of_a_namespace": (
        "openai-responses",
        Policy(dropped_tools=NamePatterns(("mcp__web__*", "web_search"))),
        {
            "input": "Hi",
            "tools": [
                {"type": "web_search"},
                {"type": "namespace", "name": "mcp__web", "tools": [{"type": "function", "name": "fetch"}]},
                {"type": "namespace", "name": "mcp__file", "tools": [{"type": "function", "name": "fetch"}]},
            ],
            "tool_choice": {"type": "web_search"},
        },
        {
            "input": "Hi",
            "tools": [{"type": "namespace", "name": "mcp__file", "tools": [{"type": "function", "name": "fetch"}]}],
        },
    ),
    "filters_tools_that_come_in_the_conversation": (
        "openai-responses",
        NO_WEB,
        {"input": [{"type": "additional_tools", "tools": [{"type": "function", "name": "WebFetch"}]}]},
        {"input": [{"type": "additional_tools", "tools": []}]},
    ),
    "tells_the_user_where_the_input_is_a_text": (
        "openai-responses",
        TO_USER,
        {"input": "Hi"},
        {"input": f"{MINE}\n\nHi"},
    ),
    "replaces_instructions_wherever_they_stand": (
        "openai-responses",
        REPLACE,
        {"instructions": "a", "input": [{"role": "developer", "content": "b"}, {"role": "user", "content": "Hi"}]},
        {"instructions": MINE, "input": [{"role": "user", "content": "Hi"}]},
    ),
    "knows_both_cases_of_names": (
        "gemini",
        Policy(Injection(MINE, always=True), (), NamePatterns(("Web*",)), Sampling(0.5, {}, {"max_tokens": 5})),
        {
            "system_instruction": {"parts": [{"text": "Old."}]},
            "contents": [{"parts": [{"text": "Hi"}]}],
            "generation_config": {"temperature": 1.0, "max_output_tokens": 9},
            "tools": [{"function_declarations": [{"name": "WebFetch"}]}, {"google_search": {}}],
            "tool_config": {"function_calling_config": {"mode": "ANY", "allowed_function_names": ["WebFetch"]}},
        },
        {
            "systemInstruction": {"parts": [{"text": "Old."}, {"text": MINE}]},
            "contents": [{"parts": [{"text": "Hi"}]}],
            "generationConfig": {"temperature": 0.5, "maxOutputTokens": 5},
            "tools": [{"googleSearch": {}}],
            "toolConfig": {"functionCallingConfig": {"mode": "AUTO"}},
        },
    ),
    "takes_a_tool_out_of_several_declarations": (
        "gemini",
        Policy(dropped_tools=NamePatterns(("b", "googleSearch"))),
        {
            "contents": [],
            "tools": [{"functionDeclarations": [{"name": "a"}, {"name": "b"}]}, {"googleSearch": {}}],
            "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["a", "b"]}},
        },
        {
            "contents": [],
            "tools": [{"functionDeclarations": [{"name": "a"}]}],
            "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["a"]}},
        },
    ),
    "frees_a_choice_of_a_custom_tool": (
        "openai-chat",
        NO_WEB,
        user(
            "Hi",
            tools=[
                {"type": "custom", "custom": {"name": "WebShell"}},
                {"type": "custom", "custom": {"name": "Shell"}},
                {"type": "WebTool"},
            ],
            tool_choice={"type": "custom", "custom": {"name": "WebShell"}},
        ),
        user("Hi", tools=[{"type": "custom", "custom": {"name": "Shell"}}]),
    ),
    "frees_a_choice_of_an_old_function": (
        "openai-chat",
        NO_WEB,
        user("Hi", functions=[{"name": "WebFetch"}, {"name": "Read"}], function_call={"name": "WebFetch"}),
        user("Hi", functions=[{"name": "Read"}]),
    ),
    "keeps_the_cache_mark_of_replaced_instructions": (
        "openai-chat",
        REPLACE,
        {"messages": [{"role": "system", "content": [MARKED]}]},
        {"messages": [{"role": "system", "content": [{**MY_PART, "cache_control": CACHED}]}]},
    ),
    "filters_what_is_allowed_of_several_kinds": (
        "openai-responses",
        NO_WEB,
        {
            "tools": [{"type": "function", "name": name} for name in ("Read", "Write", "WebFetch")],
            "tool_choice": {
                "type": "allowed_tools",
                "mode": "auto",
                "tools": [{"type": "function", "name": name} for name in ("Read", "WebFetch")],
            },
        },
        {
            "tools": [{"type": "function", "name": name} for name in ("Read", "Write")],
            "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "Read"}]},
        },
    ),
    "puts_a_part_before_a_picture_of_the_input": (
        "openai-responses",
        TO_USER,
        {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "u"}]}]},
        {
            "input": [
                {
                    "role": "user",
                    "content": [{"type": "input_text", "text": MINE}, {"type": "input_image", "image_url": "u"}],
                }
            ]
        },
    ),
    "replaces_system_turns_too": (
        "openai-responses",
        REPLACE,
        {"input": [{"role": "system", "content": "b"}, {"role": "user", "content": "Hi"}]},
        {"instructions": MINE, "input": [{"role": "user", "content": "Hi"}]},
    ),
    "adds_to_a_system_turn_beside_a_system": (
        "claude",
        ENHANCE,
        {"system": "a", "messages": [{"role": "system", "content": "b"}]},
        {"system": "a", "messages": [{"role": "system", "content": f"b\n\n{MINE}"}]},
    ),
    "tells_a_user_without_a_role": (
        "gemini",
        TO_USER,
        {"contents": [{"parts": [{"text": "Hi"}]}]},
        {"contents": [{"parts": [{"text": f"{MINE}\n\nHi"}]}]},
    ),
    "tells_the_user_by_role": (
        "gemini",
        TO_USER,
        {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Ho"}]}]},
        {
            "contents": [
                {"role": "user", "parts": [{"text": f"{MINE}\n\nHi"}]},
                {"role": "model", "parts": [{"text": "Ho"}]},
            ]
        },
    ),
    "replaces_a_system_turn": (
        "gemini",
        REPLACE,
        {"contents": [{"role": "system", "parts": [{"text": "Old."}]}]},
        {"contents": [], "systemInstruction": {"parts": [{"text": MINE}]}},
    ),
    "takes_a_negative_limit_for_none": (
        "ollama",
        Policy(sampling=Sampling(caps={"max_tokens": 7})),
        user("Hi", options={"num_predict": -1, "num_ctx": 5}),
        user("Hi", options={"num_predict": 7, "num_ctx": 5}),
    ),
    "makes_options_where_there_are_none": (
        "ollama",
        Policy(sampling=Sampling(defaults={"temperature": 0.2})),
        user("Hi", options=None),
        user("Hi", options={"temperature": 0.2}),
    ),
    "adds_a_part_in_a_sixth_protocol": (
        "cohere",
        ENHANCE,
        {"messages": [{"role": "system", "content": [{"type": "text", "text": "Old."}]}]},
        {"messages": [{"role": "system", "content": [{"type": "text", "text": "Old."}, MY_PART]}]},
    ),
    "knows_a_sixth_protocol": (
        "cohere",
        Policy(Injection(MINE, always=True), sampling=Sampling(0.5, {"top_p": 1.0})),
        user("Hi", temperature=0.5),
        {
            "messages": [{"role": "system", "content": MINE}, {"role": "user", "content": "Hi"}],
            "temperature": 0.25,
            "p": 0.99,
        },
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_on_wire(paths: Paths, case: str) -> None:
    protocol, policy, given, expected = CASES[case]

    assert expected == paths.direct(policy, protocol, given)


ALL_DEFAULTS: dict[str, Json] = {
    "max_tokens": 20,
    "temperature": 1.5,
    "top_p": 1.0,
    "top_k": 600,
    "min_p": 0.1,
    "seed": 4,
    "stop": "X",
    "presence_penalty": -0.5,
    "frequency_penalty": 1.5,
    "repeat_penalty": 1.1,
}
LOCAL: JsonObject = {**ALL_DEFAULTS, "stop": ["X"]}
# Every setting that a protocol has, in its place and within its bounds.
DEFAULTS_ON_WIRE: dict[str, JsonObject] = {
    "claude": {"max_tokens": 20, "temperature": 1, "top_p": 1.0, "top_k": 600, "stop_sequences": ["X"]},
    "openai-chat": {
        **{name: value for name, value in LOCAL.items() if name != "repeat_penalty"},
        "repetition_penalty": 1.1,
    },
    "openai-responses": {"max_output_tokens": 20, "temperature": 1.5, "top_p": 1.0},
    "gemini": {
        "generationConfig": {
            "maxOutputTokens": 20,
            "temperature": 1.5,
            "topP": 1.0,
            "topK": 600,
            "seed": 4,
            "stopSequences": ["X"],
            "presencePenalty": -0.5,
            "frequencyPenalty": 1.5,
        }
    },
    "ollama": {
        "options": {**{name: value for name, value in LOCAL.items() if name != "max_tokens"}, "num_predict": 20}
    },
    "cohere": {
        "max_tokens": 20,
        "temperature": 1,
        "p": 0.99,
        "k": 500,
        "seed": 4,
        "stop_sequences": ["X"],
        "presence_penalty": 0,
        "frequency_penalty": 1,
    },
}


@pytest.mark.parametrize("protocol", DEFAULTS_ON_WIRE)
def test_settings_have_their_places(paths: Paths, protocol: str) -> None:
    assert DEFAULTS_ON_WIRE[protocol] == paths.direct(Policy(sampling=Sampling(1.0, ALL_DEFAULTS)), protocol, {})


@pytest.mark.parametrize(
    ("protocol", "cap", "given", "expected"),
    [
        ("openai-responses", {"max_tokens": 3}, {"max_output_tokens": 99}, {"max_output_tokens": 16}),
        ("cohere", {"top_p": 0}, {"p": 0.5}, {"p": 0.01}),
        ("cohere", {"top_k": 3}, {"k": 0}, {"k": 0}),
        ("claude", {"top_k": 3}, {"top_k": 5, "thinking": {"type": "adaptive"}}, None),
        ("claude", {"temperature": 0}, {"temperature": 1, "thinking": {"type": "adaptive"}}, None),
    ],
)
def test_settings_stay_within_their_bounds(
    paths: Paths, protocol: str, cap: dict[str, float], given: JsonObject, expected: JsonObject | None
) -> None:
    assert (expected or given) == paths.direct(Policy(sampling=Sampling(caps=cap)), protocol, given)


# What of the bodies is left of tools and their choice: without those of the web, and without any.
TOOL_FIELDS = ("tools", "tool_choice", "parallel_tool_calls", "toolConfig", "strict_tools", "function_call")
CHOICES_LEFT: dict[str, tuple[JsonObject, JsonObject]] = {
    "claude": ({"tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}, {}),
    "openai-chat": ({"parallel_tool_calls": False}, {}),
    "openai-responses": ({"parallel_tool_calls": False}, {}),
    "gemini": ({"toolConfig": {"functionCallingConfig": {"mode": "AUTO"}}}, {"toolConfig": {}}),
    "ollama": ({}, {}),
    "cohere": ({"tool_choice": "REQUIRED", "strict_tools": True}, {}),
}
COHERE: JsonObject = {
    "messages": [],
    "tools": [{"type": "function", "function": {"name": name}} for name in ("Read", "WebFetch")],
    "tool_choice": "REQUIRED",
    "strict_tools": True,
}


@pytest.mark.parametrize("protocol", CHOICES_LEFT)
def test_choices_of_tools_go_with_them(paths: Paths, protocol: str) -> None:
    body = BODIES.get(protocol, COHERE)
    some, none = (
        paths.direct(Policy(dropped_tools=NamePatterns((pattern,))), protocol, body) for pattern in ("Web*", "*")
    )

    assert "Web" not in str(some["tools"])
    assert "Read" in str(some["tools"])
    assert CHOICES_LEFT[protocol][0] == {name: some[name] for name in TOOL_FIELDS[1:] if name in some}
    assert CHOICES_LEFT[protocol][1] == {name: none[name] for name in TOOL_FIELDS if name in none}


def test_a_policy_that_sets_nothing_changes_nothing(paths: Paths) -> None:
    for protocol, body in BODIES.items():
        assert NO_POLICY.on_wire(body, paths.places(protocol)) is body
        assert NO_POLICY.parameters(body) is body
        assert NO_POLICY.limit(body) is body
        assert NO_POLICY.prompt(body, True) is body


def test_older_operations_have_places_of_their_own(paths: Paths) -> None:
    policy = Policy(Injection(MINE, always=True), sampling=Sampling(0.5))

    assert {"prompt": "def ", "temperature": 0.5} == paths.direct(
        policy, "openai-chat", {"prompt": "def ", "temperature": 1}, "completions"
    )
    assert {"prompt": "Hi", "system": MINE, "options": {"temperature": 0.5}} == paths.direct(
        policy, "ollama", {"prompt": "Hi", "options": {"temperature": 1}}, "generate"
    )
    for protocol, operation in (("ollama", "generate"), ("openai-chat", "completions")):
        assert {"prompt": f"{MINE}\n\nHi"} == paths.direct(TO_USER, protocol, {"prompt": "Hi"}, operation)


@pytest.mark.parametrize(("protocol", "operation"), [("openai-chat", "embeddings"), ("claude", "count_tokens")])
def test_what_is_no_conversation_has_no_places(paths: Paths, protocol: str, operation: str) -> None:
    assert paths.places(protocol, operation) is None


def test_parameters_find_names_in_either_case(paths: Paths) -> None:
    policy = Policy(changes=(build_parameter(("generationConfig", "seed"), 1),))

    changed = paths.direct(policy, "gemini", {"contents": [], "generation_config": {"top_k": 2}})

    assert {"contents": [], "generationConfig": {"topK": 2, "seed": 1}} == changed


ODD: list[Json] = [None, 1, "text", [], {}, [None, 1, [], {}], {"role": [], "type": {}, "content": {}}, [[{}]]]
EVERYTHING = [
    Policy(
        injection,
        (Replacement("a", "b"),),
        NamePatterns(("Web*",)),
        Sampling(0.5, {"stop": "x"}, {"max_tokens": 5, "temperature": 0.1}),
        ContextLimit(10**6, trims=True),
        (build_parameter(("a", "b"), 1),),
    )
    for injection in (
        Injection(MINE),
        Injection(MINE, replaces=True, always=True),
        Injection(MINE, to_user=True, always=True),
    )
]


def places_in(value: Json, steps: Steps = ()) -> Iterator[Steps]:
    """Every place of a body."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield (*steps, str(step))
        yield from places_in(inner, (*steps, str(step)))


@pytest.mark.parametrize("protocol", BODIES)
def test_leaves_it_to_the_provider_to_refuse_what_is_malformed(paths: Paths, protocol: str) -> None:
    body, places = BODIES[protocol], paths.places(protocol)

    for steps in places_in(body):
        for value in ODD:
            spoilt = written(body, steps, value)
            for policy in EVERYTHING:
                assert isinstance(policy.parameters(policy.on_wire(spoilt, places)), dict)
                assert isinstance(conversation_of(spoilt, places), str)

"""Whatever a client sends: the normal form keeps its promises, is stable, and leaves the client's objects alone."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ccproxy.unified.normal_form import normalise_request
from unified.normalform import problems_of
from unified.requestcases import rules_of
from unified.schemas import violations

JsonDict = dict[str, Any]

words = st.sampled_from(["", " ", "a", "go on", "<system-reminder>x</system-reminder>"])
ids = st.sampled_from(["", "a", "b", "f.1:0", "f_1_0", "x" * 70])
names = st.sampled_from(["f", "g", "a.b", "a_b", "1st", "long" * 30, "ü"])
origins = st.sampled_from(["target", "other"])
extras = st.sampled_from([{"other": {"x": 1}}, {"target": {"y": 1}}])
cache = st.just({"type": "ephemeral"})


def objects(required: JsonDict, **optional: st.SearchStrategy[object]) -> st.SearchStrategy[JsonDict]:
    return st.fixed_dictionaries(required, optional=optional)


marks = {"signature": st.sampled_from(["", "sig"]), "origin": origins, "extra": extras, "cache": cache}
texts = objects({"type": st.just("text"), "text": words}, **marks)
thoughts = objects({"type": st.just("reasoning")}, text=words, encrypted=st.just("e"), id=st.just("rs"), **marks)
natives = objects(
    {"type": st.just("native"), "protocol": origins, "value": st.just({"type": "s"})},
    text=words,
    extra=extras,
    cache=cache,
)
images = objects({"type": st.just("image"), "source": st.just({"type": "url", "url": "u"})}, extra=extras, cache=cache)
calls = objects(
    {
        "type": st.just("tool_call"),
        "id": ids,
        "name": names,
        "arguments": st.sampled_from([{}, {"x": [1]}, "", '{"y": 2}', "{broken"]),
    },
    kind=st.just("custom"),
    namespace=st.sampled_from(["srv", "db"]),
    **marks,
)
results = objects(
    {"type": st.just("tool_result"), "id": ids, "content": st.lists(st.one_of(texts, images, natives), max_size=2)},
    name=names,
    error=st.booleans(),
    cache=cache,
    kind=st.just("custom"),
)
blocks = st.one_of(texts, texts, calls, calls, results, results, thoughts, natives, images)
speakers = {"extra": extras, "name": st.sampled_from(["ann", "bob"])}
messages = st.one_of(
    objects({"role": st.sampled_from(["user", "assistant"]), "content": st.lists(blocks, max_size=4)}, **speakers),
    objects({"role": st.just("system"), "content": st.lists(texts, max_size=2)}),
)
tools = st.one_of(
    objects(
        {"type": st.just("function"), "name": names, "parameters": st.just({"type": "object"})},
        namespace=st.sampled_from(["srv", "db"]),
        extra=extras,
    ),
    objects({"type": st.just("custom"), "name": names}, namespace=st.just("srv")),
    objects({"type": st.just("native"), "protocol": origins, "value": st.just({})}, name=names),
)
choices = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["auto", "none", "required", "tool"]),
        "name": names,
        "allowed": st.lists(names, max_size=2),
        "parallel": st.booleans(),
    },
)
requests = objects(
    {"messages": st.lists(messages, max_size=6)},
    system=st.lists(texts, max_size=2),
    tools=st.lists(tools, max_size=4),
    tool_choice=choices,
    extra=extras,
    reasoning=st.just({"mode": "on"}),
)
normal_forms = st.fixed_dictionaries(
    {},
    optional={
        "inline_system": st.sampled_from(["keep", "user"]),
        "first_role": st.sampled_from(["any", "user", None]),
        "custom_tools": st.sampled_from(["keep", "function"]),
        "namespaces": st.sampled_from(["keep", "join"]),
        "blank_text": st.sampled_from(["keep", "remove"]),
        "unsigned_reasoning": st.sampled_from(["keep", "drop"]),
        "signed_tool_turns": st.booleans(),
        "trailing_calls": st.sampled_from(["answer", "keep"]),
        "speaker_names": st.sampled_from(["keep", "drop"]),
        "history_fields": st.just(["y"]),
    },
)
limits = st.sampled_from(
    [
        {},
        {"call_id": {"pattern": "[a-zA-Z0-9]", "min": 9, "max": 9, "fill": "", "prefix": "c"}},
        {"tool_name": {"pattern": "[a-zA-Z0-9_]", "first": "[a-zA-Z_]", "max": 20}},
    ]
)
rules = st.fixed_dictionaries({"rules": st.fixed_dictionaries({"normal_form": normal_forms, "limits": limits})})


@settings(max_examples=500, deadline=None)
@given(requests, rules)
def test_any_request_gets_its_normal_form(request: JsonDict, case: JsonDict) -> None:
    normal = normalise_request(request, rules_of(case)).request

    assert problems_of(normal, rules_of(case)) == []
    assert violations("request", normal) == []


@settings(max_examples=300, deadline=None)
@given(requests, rules)
def test_a_normal_form_is_its_own_normal_form(request: JsonDict, case: JsonDict) -> None:
    once = copy.deepcopy(normalise_request(request, rules_of(case)).request)

    assert once == normalise_request(copy.deepcopy(once), rules_of(case)).request


@settings(max_examples=200, deadline=None)
@given(requests, rules)
def test_objects_of_the_client_are_not_touched(request: JsonDict, case: JsonDict) -> None:
    theirs = list(_client_objects(request))
    before = copy.deepcopy(theirs)

    normalise_request(request, rules_of(case))

    assert before == theirs


def _client_objects(request: JsonDict) -> Any:
    for tool in request.get("tools", []):
        yield from (tool[name] for name in ("parameters", "value") if name in tool)
    for block in (block for message in request["messages"] for block in message["content"]):
        yield from (block[name] for name in ("arguments", "value", "source", "extra") if name in block)


@settings(max_examples=300, deadline=None)
@given(requests, rules)
def test_names_lead_back_to_the_client(request: JsonDict, case: JsonDict) -> None:
    declared = [(tool["name"], tool.get("namespace")) for tool in request.get("tools", []) if tool["type"] != "native"]

    result = normalise_request(request, rules_of(case))

    kept = [tool for tool in result.request.get("tools", []) if tool["type"] != "native"]
    restored = [_restored(tool, result.names.identities) for tool in kept]
    assert list(dict.fromkeys(declared)) == restored


def _restored(tool: JsonDict, identities: Any) -> tuple[str, str | None]:
    identity = identities.get(tool["name"])
    if identity is None or "namespace" in tool:
        return (identity.name if identity else tool["name"], tool.get("namespace"))
    return identity.name, identity.namespace

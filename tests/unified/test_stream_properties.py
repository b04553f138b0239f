"""Whatever an upstream sends, in whatever order: the events are well-formed and add up to the answer."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ccproxy.unified.accumulate import accumulate_events
from ccproxy.unified.whole_answers import normalise_response
from unified.schemas import violations
from unified.streamcases import JsonDict, options_of, play, sequencer_of
from unified.wellformed import problems_of

keys = st.sampled_from([0, 1, 2, "k"])
words = st.sampled_from(["", "a", " ", "so ", "<think>", "</think>", "\n", "ß\u2028", '{"', "}"])
ids = st.sampled_from(["", "c1", "c2", "call_0"])
names = st.sampled_from(["", "run", "a_b", "patch"])
arguments = st.one_of(
    st.sampled_from(["", "{", "}", "{}", '{"x":', "1}", '{"x":1}', '{"input":"text"}', "[1]", "x"]),
    st.dictionaries(st.sampled_from(["x", "input"]), st.sampled_from([1, "t", None]), max_size=2),
)
extras = st.just({"p": {"a": 1}})
piece_marks = {"signature": words, "origin": st.just("p"), "extra": extras}


def objects(required: JsonDict, **optional: st.SearchStrategy[object]) -> st.SearchStrategy[JsonDict]:
    return st.fixed_dictionaries(required, optional=optional)


texts = st.one_of(words, objects({}, key=keys, text=words, **piece_marks))
thoughts = st.one_of(
    words, objects({}, key=keys, text=words, encrypted=st.just("enc"), id=st.just("rs"), **piece_marks)
)
signatures = objects({"text": words}, key=keys, origin=st.just("p"))
calls = objects({}, key=keys, id=ids, name=names, arguments=arguments, kind=st.just("custom"), **piece_marks)
natives = objects(
    {"protocol": st.just("p"), "value": st.sampled_from([{"type": "s", "input": {}}, {"type": "d", "q": "x"}, "v"])},
    key=keys,
    text=words,
)
citations = st.just({"type": "url", "url": "https://e.org"})
whole_blocks = st.one_of(
    st.builds(lambda text: {"type": "text", "text": text}, words),
    st.builds(lambda text: {"type": "reasoning", "text": text}, words),
    st.builds(
        lambda call_id, given: {"type": "tool_call", "id": call_id, "name": "f", "arguments": given}, ids, arguments
    ),
    st.just({"type": "image", "source": {"type": "url", "url": "https://e.org/a.png"}}),
)
counts = st.fixed_dictionaries({}, optional={"input": st.integers(0, 5), "output": st.integers(0, 5), "extra": extras})
stops = st.sampled_from([{"reason": reason} for reason in ("end", "tool_call", "length", "refusal")])

fragments = st.one_of(
    st.builds(lambda v: {"text": v}, texts),
    st.builds(lambda v: {"reasoning": v}, thoughts),
    st.builds(lambda v: {"signature": v}, signatures),
    st.builds(lambda v: {"tool_call": v}, calls),
    st.builds(lambda v: {"native": v}, natives),
    st.builds(lambda v: {"citation": v}, citations),
    st.builds(lambda v: {"refusal": v}, words),
    st.builds(lambda v: {"block": v}, whole_blocks),
    st.builds(lambda v: {"block_end": v}, st.one_of(st.booleans(), objects({}, key=keys))),
    st.builds(lambda v: {"usage": v}, counts),
    st.builds(lambda v: {"stop": v}, stops),
    st.builds(lambda v: {"message": v}, objects({}, id=ids, model=words)),
    st.sampled_from([{"ping": True}, {"extra": {"p": {"b": 2}}}, {"logprobs": {"content": [{"token": "a"}]}}]),
    st.sampled_from([{"end": True}, {"error": {"kind": "server", "message": "broken"}}]),
)
options = st.fixed_dictionaries(
    {"tools": st.just({"a_b": {"name": "a.b"}, "patch": {"name": "patch", "kind": "custom", "wrapped": True}})},
    optional={
        "think_tags": st.just(["<think>", "</think>"]),
        "call_ids": st.just(["call_0"]),
        "estimate": st.just(7),
        "response_model": st.just("alias"),
    },
)
streams = st.fixed_dictionaries({"options": options, "fragments": st.lists(fragments, max_size=14)})


@settings(max_examples=400, deadline=None)
@given(streams)
def test_any_fragments_make_a_well_formed_stream(case: JsonDict) -> None:
    events: list[JsonDict] = []
    sequencer = sequencer_of(case, events)
    play(sequencer, case["fragments"])
    sequencer.close()

    assert problems_of(events) == []
    assert [found for event in events for found in violations("event", event)] == []
    assert sequencer.finished
    assert sequencer.response["content"] == accumulate_events(events)["content"]
    if sequencer.error_sent is None:
        assert sequencer.response == accumulate_events(events)
        assert sequencer.response == normalise_response(sequencer.response, options_of({}))


@settings(max_examples=200, deadline=None)
@given(streams)
def test_ids_of_calls_are_unique(case: JsonDict) -> None:
    sequencer = sequencer_of(case, [])
    play(sequencer, case["fragments"])
    sequencer.close()
    taken = [block["id"] for block in sequencer.response["content"] if block["type"] == "tool_call"]

    assert len(taken) == len(set(taken))
    assert not set(taken) & set(case["options"].get("call_ids", ()))


@settings(max_examples=200, deadline=None)
@given(st.lists(words), st.booleans())
def test_text_is_neither_lost_nor_changed(pieces: list[str], keyed: bool) -> None:
    sequencer = sequencer_of({}, [])
    for piece in pieces:
        sequencer.text({"key": 0, "text": piece} if keyed else piece)
    sequencer.stop({"reason": "end"})
    sequencer.close()

    assert "".join(pieces) == "".join(block["text"] for block in sequencer.response["content"])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_interleaved_calls_keep_their_arguments(data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.sampled_from(['{"a":"it\'s"}', '{"b":[1,2]}', "{}"]), min_size=1, max_size=3))
    rest = dict(enumerate(texts))
    sequencer = sequencer_of({}, [])
    for key in rest:
        sequencer.tool_call({"key": key, "id": f"c{key}", "name": "f", "arguments": ""})
    while rest:
        key = data.draw(st.sampled_from(sorted(rest)))
        size = data.draw(st.integers(1, len(rest[key])))
        sequencer.tool_call({"key": key, "arguments": rest[key][:size]})
        rest[key] = rest[key][size:]
        if not rest[key]:
            del rest[key]
    sequencer.end(True)
    blocks = sequencer.response["content"]

    assert [(f"c{key}", _parsed(text)) for key, text in enumerate(texts)] == [(b["id"], b["arguments"]) for b in blocks]


def _parsed(text: str) -> object:
    import json

    return json.loads(text)

"""An answer that was not understood: its model is asked once more, or the client is given what it said."""

import json

import pytest

from compat.test_protocols import BOOK, PROTOCOLS, answer, cut, opened, request, streamed, understood, whole

BAD = '<call_tool name="Launch"><arg name="to">Mars</arg></call_tool>'
GOOD = '<call_tool name="Grep"><arg name="pattern">x</arg></call_tool>'


def said(text, reason="end"):
    return answer([{"type": "text", "text": text}], reason)


def mode(retry=True):
    return BOOK.mode("m", retry=retry)


def through(exchange, data):
    """Everything that the upstream said; the stream is closed unless its model may be asked again."""
    stream = exchange.stream()
    out = b"".join(stream.feed(piece) for piece in cut(data, 3))
    return stream, out if exchange.malformed else out + stream.close()


@pytest.mark.parametrize("client", PROTOCOLS)
def test_a_stream_that_began_badly_is_kept_from_the_client(client):
    exchange = opened(client, "openai-chat", request(stream=True), mode())

    stream, out = through(exchange, streamed("openai-chat", said(BAD)))

    assert b"" == out
    assert not stream.finished
    assert not stream.started
    assert "there is no tool named `Launch`" == exchange.malformed


@pytest.mark.parametrize("client", PROTOCOLS)
def test_the_second_answer_is_the_clients_first(client):
    exchange = opened(client, "openai-chat", request(stream=True), mode())
    through(exchange, streamed("openai-chat", said(BAD)))

    exchange.ask_again()
    stream, out = through(exchange, streamed("openai-chat", said(GOOD)))

    assert stream.finished
    assert "tool_call" == understood(client, out)["stop"]["reason"]
    assert "" == exchange.malformed


def test_the_model_is_told_what_was_wrong():
    exchange = opened("claude", "openai-chat", request(stream=True), mode())
    through(exchange, streamed("openai-chat", said(BAD)))
    before = exchange.upstream_request["messages"]

    exchange.ask_again()

    *same, answered, told = exchange.upstream_request["messages"]
    assert before == same
    assert {"role": "assistant", "content": BAD} == answered
    assert "user" == told["role"]
    assert "there is no tool named `Launch`" in told["content"]
    assert '<call_tool name="Grep">' in told["content"]


@pytest.mark.parametrize("client", PROTOCOLS)
def test_it_is_asked_once_only(client):
    exchange = opened(client, "openai-chat", request(stream=True), mode())
    through(exchange, streamed("openai-chat", said(BAD)))
    exchange.ask_again()

    stream, out = through(exchange, streamed("openai-chat", said(BAD)))

    assert "" == exchange.malformed
    assert stream.finished
    assert [{"type": "text", "text": BAD}] == understood(client, out)["content"]


@pytest.mark.parametrize("client", PROTOCOLS)
def test_who_does_not_ask_again_gives_the_text(client):
    exchange = opened(client, "openai-chat", request(stream=True), mode())
    stream, _ = through(exchange, streamed("openai-chat", said(BAD)))

    out = stream.close()

    assert stream.finished
    assert [{"type": "text", "text": BAD}] == understood(client, out)["content"]


@pytest.mark.parametrize("client", PROTOCOLS)
@pytest.mark.parametrize("text", [BAD, f"I look.\n{BAD}"])
def test_without_leave_to_ask_nothing_is_kept(client, text):
    exchange = opened(client, "openai-chat", request(stream=True), mode(retry=False))

    stream, out = through(exchange, streamed("openai-chat", said(text)))

    assert stream.finished
    assert "" == exchange.malformed
    assert [{"type": "text", "text": text}] == understood(client, out)["content"]


def test_what_follows_words_that_the_client_has_is_text():
    exchange = opened("claude", "openai-chat", request(stream=True), mode())

    stream, out = through(exchange, streamed("openai-chat", said(f"I look.\n{BAD}")))

    assert stream.finished
    assert "" == exchange.malformed
    assert f"I look.\n{BAD}" == understood("claude", out)["content"][0]["text"]


def test_a_whole_answer_can_always_be_asked_for_again():
    exchange = opened("claude", "openai-chat", request(), mode())

    first = exchange.response(whole("openai-chat", said(f"I look.\n{BAD}")))

    assert f"I look.\n{BAD}" == first["content"][0]["text"]
    assert exchange.malformed
    exchange.ask_again()
    assert f"I look.\n{BAD}" == exchange.upstream_request["messages"][-2]["content"]
    assert "tool_use" == exchange.response(whole("openai-chat", said(GOOD)))["stop_reason"]


@pytest.mark.parametrize("choice", [{"mode": "required"}, {"mode": "tool", "name": "Grep"}])
def test_a_call_that_had_to_be_made_is_asked_for_again(choice):
    exchange = opened("claude", "openai-chat", request(tool_choice=choice), mode())

    exchange.response(whole("openai-chat", said("I would rather talk.")))

    assert "a tool had to be called, and none was" == exchange.malformed


def test_an_answer_in_words_is_no_mistake():
    exchange = opened("claude", "openai-chat", request(), mode())

    exchange.response(whole("openai-chat", said("Fine.")))

    assert "" == exchange.malformed


def test_an_error_behind_a_kept_answer_is_all_that_the_client_gets():
    exchange = opened("claude", "openai-chat", request(stream=True), mode())
    stream = exchange.stream()
    stream.feed(streamed("openai-chat", said(BAD))[:-400])

    out = stream.fail({"kind": "upstream", "message": "broken", "status": 502})

    assert b"Launch" not in out
    assert "broken" in json.dumps(stream.error)

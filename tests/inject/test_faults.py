"""Tools that fail, hang or say too much; providers that fail between rounds; clients that leave."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import aiohttp
import pytest

from ccproxy.jsontypes import JsonObject
from inject.clients import CHAT, CLAUDE, Client, events
from inject.house import FakeTools, Turn, chat, chat_events, house, model, said
from inject.test_rounds import CALL, both_ways
from server.scripted_upstream import pieces, silent, whole

WAITING = ("call_2", "wait", "{}")
BUSY = whole(b'{"error": {"message": "busy", "type": "server_error"}}', status="503 Service Unavailable")
WRONG = whole(b'{"error": {"message": "no", "type": "invalid_request_error"}}', status="400 Bad Request")


def results_in(request: JsonObject) -> dict[str, str]:
    return {one["tool_call_id"]: one["content"] for one in request["messages"] if one["role"] == "tool"}  # type: ignore[union-attr, index, call-overload, misc]


async def test_the_model_is_told_what_went_wrong() -> None:
    tools = FakeTools(results={"look": {**said("no such word"), "isError": True}, "wait": OSError("it is gone")})
    unreadable = ("call_3", "look", "[1]")
    async with house(model(Turn("", (CALL, WAITING, unreadable)), Turn("Sorry.")), tools=tools) as home:
        _, told = await home.ask(*CHAT.ask(stream=False))

    assert ("Sorry.", [], "stop") == CHAT.understood(told, stream=False)
    told_model = results_in(home.sent[1])
    assert "no such word" in told_model["call_1"]
    assert "it is gone" in told_model["call_2"]
    assert "not a JSON object" in told_model["call_3"]
    assert {"error", "failed"} == {run.outcome for run in home.facts[0].tool_runs}


async def test_tools_run_side_by_side_and_not_for_ever() -> None:
    tools = FakeTools(results={"look": 0.2, "wait": 60.0})
    started = asyncio.get_running_loop().time()
    async with house(model(Turn("", (CALL, WAITING)), Turn("Well.")), tools=tools, timeout_s=0.4) as home:
        _, told = await home.ask(*CHAT.ask(stream=False))
        seconds = asyncio.get_running_loop().time() - started

    assert ("Well.", [], "stop") == CHAT.understood(told, stream=False)
    assert {"call_1": "waited 0.2", "call_2": "The tool did not answer within 0.4 s."} == {
        name: text.removeprefix("Error: ") for name, text in results_in(home.sent[1]).items()
    }
    assert tools.cancelled.is_set()
    assert seconds < 3
    assert [("look", "ok"), ("wait", "timeout")] == [(run.name, run.outcome) for run in home.facts[0].tool_runs]


async def test_results_are_cut() -> None:
    tools = FakeTools(results={"look": said("a" * 5000)})
    async with house(model(Turn("", (CALL,)), Turn("Well.")), tools=tools, max_result_bytes=1000) as home:
        await home.ask(*CHAT.ask(stream=False))

    text = results_in(home.sent[1])["call_1"]
    assert 1000 == text.count("a" * 100) * 100
    assert "4000 more bytes" in text


async def test_waiting_clients_are_pinged() -> None:
    tools = FakeTools(results={"look": 0.5})
    async with house(model(Turn("See.", (CALL,)), Turn("Well.")), tools=tools, keep_alive_every_s=0.1) as home:
        _, told = await home.ask(*CLAUDE.ask(stream=True))

    assert told.count(b'"ping"') >= 3
    assert told.index(b'"S"') < told.index(b'"ping"') < told.index(b"W")
    assert ("See.\n\nWell.", [], "end_turn") == CLAUDE.understood(told, stream=True)


@pytest.mark.parametrize("client", [CLAUDE, CHAT], ids=lambda client: client.name)
async def test_text_before_the_calls_flows_at_once(client: Client) -> None:
    tools = FakeTools(results={"wait": 60.0})
    async with (
        house(model(Turn("See.", (WAITING,)), Turn("Well.")), tools=tools) as home,
        aiohttp.ClientSession() as web,
    ):
        path, body = client.ask(stream=True)
        async with web.post(home.url + path, json=body) as response:
            seen = b""
            while b'"."' not in seen:
                seen += await asyncio.wait_for(response.content.readany(), 3)
            await asyncio.wait_for(tools.running.wait(), 3)
            assert b"look" not in seen


@both_ways
async def test_a_client_that_leaves_ends_its_tools(stream: bool) -> None:
    tools = FakeTools(results={"wait": 60.0})
    async with house(model(Turn("See.", (WAITING,)), Turn("Well.")), tools=tools) as home:
        async with aiohttp.ClientSession() as web:
            path, body = CHAT.ask(stream=stream)
            asking = asyncio.ensure_future(web.post(home.url + path, json=body))
            await asyncio.wait_for(tools.running.wait(), 3)
            if asking.done():
                asking.result().close()
            asking.cancel()
        await asyncio.wait_for(tools.cancelled.wait(), 3)
        await asyncio.sleep(0.05)

    assert 1 == len(home.sent)
    assert 499 == home.facts[0].status


@both_ways
@pytest.mark.parametrize("text", ["", "See."])
async def test_another_provider_goes_on_with_the_conversation(stream: bool, text: str) -> None:
    async with house(model(Turn(text, (CALL,)), BUSY), model(Turn("It is 5."))) as home:
        status, told = await home.ask(*CLAUDE.ask(stream=stream))

    assert 200 == status
    assert ("\n\n".join(filter(None, [text, "It is 5."])), [], "end_turn") == CLAUDE.understood(told, stream=stream)
    assert ["ok", "upstream", "ok"] == [
        {"overloaded": "upstream"}.get(attempt.outcome, attempt.outcome) for attempt in home.facts[0].attempts
    ]
    assert 1 == len(home.tools.called)


async def test_a_refused_round_is_an_error_of_the_whole() -> None:
    async with house(model(Turn("See.", (CALL,)), WRONG)) as home:
        status, told = await home.ask(*CLAUDE.ask(stream=False))

    assert 400 == status
    assert "error" == json.loads(told)["type"]
    assert (10, "invalid_request") == (home.facts[0].usage["input"], home.facts[0].error)


@pytest.mark.parametrize("last", [WRONG, pieces(b'data: {"error": {"message": "no"}}\n\n'), pieces(end=False)])
async def test_a_stream_that_has_begun_ends_in_an_error(last: object) -> None:
    async with house(model(Turn("See.", (CALL,)), last)) as home:  # type: ignore[arg-type]
        status, told = await home.ask(*CLAUDE.ask(stream=True))

    kinds = [line.removeprefix("event: ") for line in told.decode().splitlines() if line.startswith("event: ")]
    assert 200 == status
    assert "See." == "".join(event["delta"].get("text", "") for event in events(told) if "delta" in event)
    assert ("message_start", "error") == (kinds[0], kinds[-1])
    assert (1, 1) == (kinds.count("message_start"), kinds.count("error"))
    assert home.facts[0].error


async def test_a_round_that_breaks_off_after_its_beginning() -> None:
    broken = pieces(*chat_events(Turn("It is"))[:3], end=False)
    async with house(model(Turn("See.", (CALL,)), broken)) as home:
        _, told = await home.ask(*CLAUDE.ask(stream=True))

    assert b"\\n\\nI" in told
    assert b"event: error" in told
    assert home.facts[0].cut


async def test_a_silent_round_times_out() -> None:
    def hasty(config):  # type: ignore[no-untyped-def]
        [provider] = config.providers.values()
        return replace(
            config, providers={"p0": replace(provider, timeouts=replace(provider.timeouts, first_byte_s=0.3))}
        )

    async with house(model(Turn("", (CALL,)), silent()), edit=hasty) as home:
        status, _ = await home.ask(*CHAT.ask(stream=False))

    assert (504, "timeout") == (status, home.facts[0].error)


async def test_servers_that_cannot_be_listed_do_not_stop_the_model() -> None:
    class Broken(FakeTools):
        async def tools(self, _group: str) -> list[JsonObject]:
            raise OSError("no servers")

    async with house(model(Turn("Hello.")), tools=Broken()) as home:
        _, told = await home.ask(*CHAT.ask(stream=False))

    assert ("Hello.", [], "stop") == CHAT.understood(told, stream=False)
    assert "tools" not in home.sent[0]


async def test_answers_in_one_piece_for_a_client_that_wants_a_stream() -> None:
    script = model(whole(chat(Turn("See.", (CALL,)))), whole(chat(Turn("It is 5."))))
    async with house(script) as home:
        _, told = await home.ask(*CLAUDE.ask(stream=True))

    assert ("See.\n\nIt is 5.", [], "end_turn") == CLAUDE.understood(told, stream=True)


async def test_a_malformed_arguments_object_is_not_lost() -> None:
    async with house(model(Turn("", (("call_1", "look", '{"word":'),)), Turn("Well."))) as home:
        await home.ask(*CHAT.ask(stream=True))

    assert [] == home.tools.called
    assert "not a JSON object" in results_in(home.sent[1])["call_1"]

"""Models call tools that the proxy runs; clients of every protocol see one answer and nothing of the calls."""

from __future__ import annotations

import json

import pytest

from ccproxy.policy.policy import Policy
from inject.clients import CHAT, CLAUDE, CLIENTS, Client
from inject.house import LOOK, FakeTools, Turn, house, model, said

CALL = ("call_1", "look", '{"word": "x"}')
ENDS = {"claude": "end_turn", "chat": "stop", "responses": "completed", "gemini": "STOP", "ollama": "stop"}
FULL = {"claude": "max_tokens", "chat": "length", "responses": "incomplete", "gemini": "MAX_TOKENS", "ollama": "length"}
CALLS = {"claude": "tool_use", "chat": "tool_calls", "responses": "completed", "gemini": "STOP", "ollama": "stop"}

both_ways = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
every_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)


@both_ways
@every_client
async def test_the_client_gets_one_answer_of_all_rounds(client: Client, stream: bool) -> None:
    script = model(Turn("Let me see.", (CALL,)), Turn("", (("call_1", "look", '{"word": "y"}'),)), Turn("It is 5."))
    async with house(script) as home:
        status, told = await home.ask(*client.ask(stream=stream))

    assert 200 == status
    assert ("Let me see.\n\nIt is 5.", [], ENDS[client.name]) == client.understood(told, stream=stream)
    assert [("default", "look", {"word": word}) for word in "xy"] == home.tools.called
    first, second, third = home.sent
    assert ["look", "wait"] == [tool["function"]["name"] for tool in first["tools"]]
    assert ["user", "assistant", "tool"] == [message["role"] for message in second["messages"]]
    assert "Let me see." == second["messages"][1]["content"]
    assert second["messages"] == third["messages"][:3]
    assert "found it" == third["messages"][-1]["content"]
    [facts] = home.facts
    assert (30, 9) == (facts.usage["input"], facts.usage["output"])
    assert ["ok"] * 3 == [attempt.outcome for attempt in facts.attempts]
    assert [("look", "ok")] * 2 == [(run.name, run.outcome) for run in facts.tool_runs]


@both_ways
@every_client
async def test_calls_of_the_clients_own_tools_go_to_the_client(client: Client, stream: bool) -> None:
    mixed = Turn("Well.", (CALL, ("call_2", "open", '{"path": "a"}')))
    async with house(model(mixed)) as home:
        status, told = await home.ask(*client.ask(stream=stream, tools=True))

    assert 200 == status
    assert ("Well.", ["open"], CALLS[client.name]) == client.understood(told, stream=stream)
    assert [] == home.tools.called
    assert ["open", "look", "wait"] == [tool["function"]["name"] for tool in home.sent[0]["tools"]]
    assert ("tool_call(look)",) == home.facts[0].dropped


@both_ways
@every_client
async def test_an_answer_without_calls_is_as_ever(client: Client, stream: bool) -> None:
    async with house(model(Turn("Hello."))) as home:
        _, told = await home.ask(*client.ask(stream=stream))

    assert ("Hello.", [], ENDS[client.name]) == client.understood(told, stream=stream)
    assert 1 == len(home.sent)


@both_ways
@every_client
async def test_the_rounds_have_an_end(client: Client, stream: bool) -> None:
    async with house(model(Turn("Again.", (CALL,))), rounds=2) as home:
        _, told = await home.ask(*client.ask(stream=stream))

    assert ("Again.\n\nAgain.\n\nAgain.", [], FULL[client.name]) == client.understood(told, stream=stream)
    assert (3, 2) == (len(home.sent), len(home.tools.called))
    assert "No more tools" not in json.dumps(home.sent[1])
    assert "No more tools" in home.sent[2]["messages"][-1]["content"]


@both_ways
async def test_tools_called_as_text(stream: bool) -> None:
    calling = Turn('See: <tool_call>{"name": "look", "arguments": {"word": "x"}}</tool_call>')
    async with house(model(calling, Turn("It is 5.")), policy=Policy(tool_mode="compat")) as home:
        _, told = await home.ask(*CLAUDE.ask(stream=stream))

    text, calls, stop = CLAUDE.understood(told, stream=stream)
    assert ("See:", "It is 5.") == tuple(part.strip() for part in text.split("\n\n"))
    assert ([], "end_turn") == (calls, stop)
    assert [("default", "look", {"word": "x"})] == home.tools.called
    assert "tools" not in home.sent[1]
    assert "found it" in json.dumps(home.sent[1]["messages"])


@both_ways
async def test_a_call_in_text_that_was_not_understood_is_asked_for_again(stream: bool) -> None:
    broken = Turn('<tool_call>{"name": "launch", "arguments": {}}</tool_call>')
    calling = Turn('<tool_call>{"name": "look", "arguments": {"word": "x"}}</tool_call>')
    script = model(broken, calling, Turn("It is 5."))
    async with house(script, policy=Policy(tool_mode="compat")) as home:
        _, told = await home.ask(*CLAUDE.ask(stream=stream))

    assert ("It is 5.", [], "end_turn") == CLAUDE.understood(told, stream=stream)
    assert (3, 1) == (len(home.sent), len(home.tools.called))


@both_ways
async def test_the_clients_tool_keeps_its_name(stream: bool) -> None:
    tools = FakeTools([{**LOOK, "name": "open"}], {"open": said("opened")})
    script = model(Turn("", (("call_1", "mcp_open", "{}"),)), Turn("", (("call_2", "open", "{}"),)))
    async with house(script, tools=tools) as home:
        _, told = await home.ask(*CHAT.ask(stream=stream, tools=True))

    assert ("", ["open"], "tool_calls") == CHAT.understood(told, stream=stream)
    assert ["open", "mcp_open"] == [tool["function"]["name"] for tool in home.sent[0]["tools"]]
    assert [("default", "open", {})] == home.tools.called


async def test_a_cut_call_is_not_run() -> None:
    async with house(model(Turn("Well", (("call_1", "look", '{"wor'),), finish="length"))) as home:
        _, told = await home.ask(*CLAUDE.ask(stream=True))

    assert ("Well", [], "max_tokens") == CLAUDE.understood(told, stream=True)
    assert [] == home.tools.called


async def test_a_tool_that_was_never_offered_is_not_run() -> None:
    async with house(model(Turn("", (("call_1", "delete_all", "{}"),)))) as home:
        _, told = await home.ask(*CHAT.ask(stream=False))

    assert ("", ["delete_all"], "tool_calls") == CHAT.understood(told, stream=False)
    assert [] == home.tools.called


@pytest.mark.parametrize("more", [{"tool_choice": "required"}, {"tool_choice": "none"}, {"n": 2}], ids=str)
async def test_a_request_that_leaves_no_choice_gets_no_tools(more: dict[str, object]) -> None:
    async with house(model(Turn("Hello."))) as home:
        path, body = CHAT.ask(stream=False, tools=True)
        await home.ask(path, {**body, **more})

    assert ["open"] == [tool["function"]["name"] for tool in home.sent[0].get("tools", [])]


@pytest.mark.parametrize(("path", "has_tools"), [("/team", True), ("", False)])
async def test_only_the_groups_that_are_named(path: str, has_tools: bool) -> None:
    async with house(model(Turn("Hello.")), groups=("team",)) as home:
        asked, body = CHAT.ask(stream=False)
        await home.ask(path + asked, body)

    assert has_tools == ("tools" in home.sent[0])
    assert ("converted" if has_tools else "direct") == home.facts[0].way


async def test_without_tools_to_offer_nothing_changes() -> None:
    async with house(model(Turn("Hello.")), tools=FakeTools([])) as home:
        await home.ask(*CHAT.ask(stream=False))

    assert "direct" == home.facts[0].way


class Listener:
    """Writes down the stages of a request."""

    def __init__(self) -> None:
        self.told: list[tuple[str, object]] = []

    def __getattr__(self, stage: str):  # type: ignore[no-untyped-def]
        return lambda *said: self.told.append((stage, said))


async def test_a_listener_is_told_of_every_round() -> None:
    listener = Listener()
    async with house(model(Turn("See.", (CALL,)), Turn("It is 5."))) as home:
        object.__setattr__(home.proxy.tools, "listen", lambda _facts: listener)
        await home.ask(*CLAUDE.ask(stream=False))

    sent = [said for stage, said in listener.told if stage == "upstream_request"]
    heads = [said[:2] for stage, said in listener.told if stage == "upstream_head"]
    unified = [said[0] for stage, said in listener.told if stage == "unified_request"]
    assert [0, 1] == [said[0] for said in sent]
    assert [(0, 200), (1, 200)] == heads
    assert ["tools" in request for request in unified] == [False, True, False, True]
    assert [1, 3] == [len(unified[index]["messages"]) for index in (1, 3)]
    assert ["client_request", "end"] == [listener.told[0][0], listener.told[-1][0]]

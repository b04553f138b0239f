"""When a provider fails before the client got anything, another key or target answers."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate

import pytest

from ccproxy.config.model import Alias, Group, Resilience, Target, Timeouts
from server.fleet import Member, fleet
from server.scripted_upstream import Script, pieces, silent, whole
from server.small_engine import event

GOOD = whole(b'{"text": "good", "words": "good"}')
GOOD_STREAM = pieces(event({"text": "good", "usage": {"output": 3}}))


def refuse(status: str, extra: str = "") -> Script:
    return whole(b'{"error": "no"}', status=status, extra=extra)


FAILURES = {
    "401": refuse("401 Unauthorized"),
    "403": refuse("403 Forbidden"),
    "429": refuse("429 Too Many Requests"),
    "429 with seconds": refuse("429 Too Many Requests", "retry-after: 30\r\n"),
    "500": refuse("500 Internal Server Error"),
    "503": refuse("503 Service Unavailable"),
    "529": refuse("529 Overloaded"),
    "silence": silent(),
    "an error in place of an answer": whole(b'{"error": "overloaded"}'),
    "an error event": pieces(event({"error": "overloaded"})),
    "a broken beginning": pieces(end=False),
    "no http": whole(b"", status="banana"),
}
IMPATIENT = Timeouts(connect_s=1.0, first_byte_s=0.1, idle_s=0.3)


@pytest.mark.parametrize("protocol", ["east", "west"])
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("name", FAILURES)
async def test_the_next_target_answers(name: str, stream: bool, protocol: str) -> None:
    if not stream and name == "an error event":
        pytest.skip("only streams have events")
    bad = Member("bad", [FAILURES[name]], protocol, timeouts=IMPATIENT)
    good = Member("good", [GOOD_STREAM if stream else GOOD], protocol)
    async with fleet(bad, good) as house:
        told = [await house.ask(stream) for _ in range(2)]

    assert [200, 200] == [each.status for each in told]
    assert all(b"good" in each.body and b"error" not in each.body for each in told)
    tries = [try_ for each in told for try_ in each.attempts]
    assert any(try_.startswith("bad/m ") for try_ in tries)
    assert {"good/m 200"} == {each.attempts[-1] for each in told}
    assert {"good"} == {facts.provider for facts in house.facts}


async def test_a_connection_refused_is_followed_by_another_target() -> None:
    bad, good = Member("bad", [GOOD]), Member("good", [GOOD])
    async with fleet(bad, good) as house:
        bad.upstream.stop()
        told = [await house.ask() for _ in range(2)]

    assert {200} == {each.status for each in told}
    assert ["bad/m upstream", "good/m 200"] in [each.attempts for each in told]


async def test_the_next_key_of_the_same_provider_answers() -> None:
    async def by_key(asked, writer):  # type: ignore[no-untyped-def]
        script = GOOD if asked.headers["x-key"] == "second-key" else FAILURES["401"]
        await script(asked, writer)

    member = Member("only", [by_key], keys=("first-key", "second-key"))
    async with fleet(member) as house:
        told = [await house.ask() for _ in range(4)]

    assert {200} == {each.status for each in told}
    assert 1 == sum(asked.headers["x-key"] == "first-key" for asked in member.asked)  # it rests after its refusal
    assert [(0, "authentication"), (1, "ok")] == [(t.key_index, t.outcome) for t in house.facts[0].attempts]


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "413 Too Large", "422 No"])
async def test_a_fault_of_the_request_is_told_at_once(status: str) -> None:
    bad, good = Member("bad", [refuse(status)]), Member("good", [refuse(status)])
    async with fleet(bad, good) as house:
        told = await house.ask()

    assert int(status[:3]) == told.status
    assert 1 == len(bad.asked) + len(good.asked)


async def test_the_last_failure_is_the_answer() -> None:
    first, second = Member("first", [refuse("503 No")]), Member("second", [refuse("529 Overloaded")])
    async with fleet(first, second, resilience=Resilience(retries=1)) as house:
        told = await house.ask()

    assert 529 == told.status
    assert b'{"error": "no"}' == told.body
    assert ["first/m 503", "second/m 529"] == told.attempts
    assert ["overloaded", "overloaded"] == [each.outcome for each in house.facts[0].attempts]
    assert "overloaded" == house.facts[0].error


async def test_without_retries_nothing_is_tried_again() -> None:
    first, second = Member("first", [refuse("503 No")]), Member("second", [GOOD])
    async with fleet(first, second, resilience=Resilience(retries=0)) as house:
        assert 503 == (await house.ask()).status


async def test_one_target_alone_is_asked_again_after_a_pause() -> None:
    member = Member("only", [refuse("500 No"), refuse("500 No"), GOOD])
    async with fleet(member) as house:
        started = time.monotonic()
        told = await house.ask()

    assert 200 == told.status
    assert ["only/m 500", "only/m 500", "only/m 200"] == told.attempts
    assert 0.5 < time.monotonic() - started
    assert 0 == house.facts[0].attempts[0].waited_s < house.facts[0].attempts[1].waited_s


@pytest.mark.parametrize(
    "header", ["retry-after: 1", "retry-after-ms: 700", f"retry-after: {formatdate(time.time() + 3600, usegmt=True)}"]
)
async def test_the_wait_that_a_provider_asks_for_is_kept(header: str) -> None:
    member = Member("only", [refuse("429 Slow", header + "\r\n"), GOOD])
    async with fleet(member) as house:
        started = time.monotonic()
        told = await house.ask()
        seconds = time.monotonic() - started
        if "GMT" in header:  # longer than anybody waits: the refusal is the answer, and others are told at once
            assert 429 == told.status
            later = await house.ask()
            assert (429, 1) == (later.status, len(member.asked))
            assert 3000 < float(later.headers["retry-after"]) <= 3600
        else:
            assert 200 == told.status
            assert 0.65 < seconds < 3


async def test_a_target_rests_after_repeated_failures_and_is_probed_once() -> None:
    bad, good = Member("bad", [refuse("500 No")] * 3 + [GOOD]), Member("good", [GOOD])
    async with fleet(bad, good, resilience=Resilience(retries=2, cooldown_s=0.5)) as house:
        for _ in range(10):
            assert 200 == (await house.ask()).status
        assert 3 == len(bad.asked)
        assert ["target bad m"] == list(house.proxy.tools.health.resting())
        await asyncio.sleep(0.6)
        for _ in range(4):
            await house.ask()

    assert 4 <= len(bad.asked) <= 6  # the probe succeeded, and turns are taken again


async def test_nothing_is_tried_again_once_the_client_has_content() -> None:
    broken = pieces(event({"text": "some"}), 0.05, end=False)
    bad, good = Member("bad", [broken], "west"), Member("good", [broken], "west")
    async with fleet(bad, good) as house:
        told = await house.ask(stream=True)

    assert b"some" in told.body
    assert b"error" in told.body
    assert 1 == len(bad.asked) + len(good.asked)
    assert (200, True, "upstream") == (house.facts[0].status, house.facts[0].cut, house.facts[0].error)


async def test_pings_do_not_stand_in_the_way_of_another_try() -> None:
    async def slow_refusal(asked, writer):  # type: ignore[no-untyped-def]
        await asyncio.sleep(0.3)
        await refuse("503 No")(asked, writer)

    bad, good = Member("bad", [slow_refusal]), Member("good", [GOOD_STREAM])
    async with fleet(bad, good, keep_alive_every_s=0.1) as house:
        told = await house.ask(stream=True)

    assert told.body.startswith(b": ping\n\n")
    assert event({"text": "good", "usage": {"output": 3}}) in told.body
    assert {"bad", "good"} == {each.provider for each in house.facts[0].attempts}


async def test_a_group_falls_back_to_another_when_none_of_its_targets_answers() -> None:
    bad, good = Member("bad", [refuse("503 No")]), Member("good", [GOOD])
    groups = {
        "default": Group("default", (Alias("m", (Target("bad", "m"),)),), fallback_group="spare"),
        "spare": Group("spare", (Alias("*", (Target("good", "other"),)),)),
    }
    async with fleet(bad, good, groups=groups) as house:
        told = await house.ask()

    assert 200 == told.status
    assert ["bad/m 503", "good/other 200"] == told.attempts
    assert ("spare", "*", "m") == (house.facts[0].group, house.facts[0].alias, house.facts[0].asked_model)


async def test_keys_are_not_told() -> None:
    bad = Member("bad", [whole(b'{"error": "secret-key-1 is bad"}', status="401 No")], keys=("secret-key-1",))
    async with fleet(bad, resilience=Resilience(retries=0)) as house:
        told = await house.ask()

    assert b"secret-key-1" not in told.body
    assert "secret-key-1" not in str(told.headers) + str(house.facts) + str(house.proxy.tools.health.resting())


async def test_usage_is_known_on_both_paths() -> None:
    direct, converted = Member("direct", [GOOD_STREAM], "east"), Member("converted", [GOOD_STREAM], "west")
    for member in (direct, converted):
        async with fleet(member) as house:
            await house.ask(stream=True)
        assert {"output": 3} == house.facts[0].usage
        assert member.name == house.facts[0].way
        assert house.facts[0].first_byte_s is not None

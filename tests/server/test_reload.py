"""Files that change while requests run: what is good is put in force whole, what is broken changes nothing."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ccproxy.config.model import Alias, Config, Group, Target
from ccproxy.diagnostics.model import Diagnostic, Span
from ccproxy.jsontypes import JsonObject
from ccproxy.server.loading import CannotLoadError, Loaded, Places, Stamp
from ccproxy.server.reload import Following
from ccproxy.server.running import Running, start, stop
from ccproxy.server.switches import Switches, SwitchFile
from server.conftest import config_for
from server.scripted_upstream import Script, ScriptedUpstream, pieces, whole
from server.small_engine import SmallEngine, SmallExchange, SmallStream, event

ASK = {"model": "west", "words": "hello", "stream": True}


class LoudStream(SmallStream):
    def feed(self, chunk: bytes) -> bytes:
        return super().feed(chunk).upper()


class LoudExchange(SmallExchange):
    def response(self, body: JsonObject) -> JsonObject:
        return {"words": str(body["text"]).upper()}

    def stream(self, framing: str | None = None) -> SmallStream:  # noqa: ARG002
        return LoudStream()


class LoudEngine(SmallEngine):
    """Other mappings: what comes back is in capitals."""

    def open(self, *args: object, **options: object) -> SmallExchange:
        quiet = super().open(*args, **options)
        return LoudExchange(quiet.upstream_request)


@dataclass
class Disk:
    """A file, and what loading it gives."""

    file: Path
    loaded: Loaded
    problem: CannotLoadError | None = None
    loads: int = 0

    @property
    def places(self) -> Places:
        return Places((self.file,))

    def begin(self, loaded_at: float) -> Stamp:
        return self.places.stamp().before(loaded_at)

    def load(self) -> Loaded:
        self.loads += 1
        if self.problem is not None:
            raise self.problem
        return self.loaded

    def save(self, loaded: Loaded | None = None, problem: CannotLoadError | None = None) -> None:
        self.loaded, self.problem = loaded or self.loaded, problem
        self.file.write_text(self.file.read_text() + "x")


@dataclass
class House:
    proxy: Running
    upstream: ScriptedUpstream
    client: aiohttp.ClientSession
    disk: Disk
    config: Config
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.proxy.port}"

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.client.get(self.url + path) as response:
            return response.status, await response.json()

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not is_so():
                await asyncio.sleep(0.01)

    async def until_version(self, number: int) -> None:
        await self.until(lambda: self.proxy.current.version.number >= number)


Furnish = Callable[..., Awaitable[House]]


@pytest.fixture
async def furnish(tmp_path: Path) -> AsyncIterator[Furnish]:
    houses: list[House] = []
    followers: list[asyncio.Future[None]] = []

    async def make(script: Script, switch_file: SwitchFile | None = None, follow: bool = True) -> House:
        upstream = ScriptedUpstream(script)
        await upstream.start()
        config = config_for(upstream)
        disk = Disk(tmp_path / f"ccproxy{len(houses)}.yaml", Loaded(config, SmallEngine()))
        disk.file.write_text("x")
        said: list[str] = []
        await asyncio.sleep(0.02)  # the clock of files is coarse
        following = Following(disk, time.time(), switch_file or SwitchFile(), said.append)
        proxy = await start(config, disk.loaded.engine, following=following)
        houses.append(House(proxy, upstream, aiohttp.ClientSession(), disk, config, said))
        if follow:
            followers.append(asyncio.ensure_future(proxy.reloader.run()))
        return houses[-1]

    yield make
    for follower in followers:
        follower.cancel()
    await asyncio.gather(*followers, return_exceptions=True)
    for house in houses:
        await house.client.close()
        await stop(house.proxy, 0.2)
        house.upstream.stop()


async def test_requests_that_run_keep_their_mapping_and_none_fails(furnish: Furnish) -> None:
    more = asyncio.Event()
    house = await furnish(pieces(event({"text": "a"}), more, event({"text": "b"})))

    async def ask() -> tuple[bytes, bytes]:
        async with house.client.post(f"{house.url}/v1/east", json=ASK) as response:
            assert 200 == response.status
            first = await response.content.readany()
            return first, await response.read()

    old = [asyncio.ensure_future(ask()) for _ in range(50)]
    await house.until(lambda: len(house.upstream.asked) == 50)
    house.disk.save(Loaded(house.config, LoudEngine()))
    await house.until_version(2)
    new = [asyncio.ensure_future(ask()) for _ in range(50)]
    await house.until(lambda: len(house.upstream.asked) == 100)
    more.set()

    quiet = event({"words": "a"}), event({"words": "b"}) + event({"end": True})
    loud = event({"words": "a"}).upper(), event({"words": "b"}).upper() + event({"end": True})
    assert [quiet] * 50 == await asyncio.gather(*old)
    assert [loud] * 50 == await asyncio.gather(*new)


async def test_no_request_fails_while_files_change_under_load(furnish: Furnish) -> None:
    house = await furnish(whole(b'{"text": "a"}'))
    statuses: list[tuple[int, bytes]] = []
    loading = asyncio.Event()

    async def keep_asking() -> None:
        while not loading.is_set():
            async with house.client.post(f"{house.url}/v1/east", json={"model": "west", "words": "x"}) as response:
                statuses.append((response.status, await response.read()))

    askers = [asyncio.ensure_future(keep_asking()) for _ in range(50)]
    for number in range(2, 6):
        house.disk.save(Loaded(house.config, LoudEngine() if number % 2 == 0 else SmallEngine()))
        await house.until_version(number)
    await asyncio.sleep(0.1)
    loading.set()
    await asyncio.gather(*askers)

    assert len(statuses) > 100
    assert {200} == {status for status, _ in statuses}
    assert {b'{"words":"a"}', b'{"words":"A"}'} == {body for _, body in statuses}


async def test_a_broken_file_changes_nothing_and_is_told(furnish: Furnish) -> None:
    house = await furnish(whole(b'{"text": "a"}'))
    problem = Diagnostic("C602", "the environment has no variable `KEY`", Span("ccproxy.yaml", 3, 5, 9), help="set it")

    house.disk.save(problem=CannotLoadError("error[C602]: no variable", [problem]))
    await house.until(lambda: house.proxy.current.trouble is not None)
    _, health = await house.get("/health")
    status, ready = await house.get("/ready")
    async with house.client.post(f"{house.url}/v1/east", json={"model": "west", "words": "x"}) as response:
        assert 200 == response.status

    assert (1, False) == (health["configuration"]["version"], health["reload"]["ok"])
    told = health["reload"]["diagnostics"][0]
    assert ("C602", "ccproxy.yaml", 3, "set it") == (told["code"], told["file"], told["line"], told["help"])
    assert (200, False) == (status, ready["reload"]["ok"])
    assert "error[C602]: no variable" in house.said[0]
    assert "version 1 of the configuration stays in force" in house.said[0]

    house.disk.save()
    await house.until_version(2)
    _, health = await house.get("/health")
    assert {"ok": True} == health["reload"]


async def test_a_failure_nobody_thought_of_changes_nothing(
    furnish: Furnish, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house = await furnish(whole(b'{"text": "a"}'))
    monkeypatch.setattr(house.disk, "load", lambda: json.loads("{"))

    house.disk.save()
    await house.until(lambda: house.proxy.current.trouble is not None)

    assert "JSONDecodeError" in house.said[0]
    assert 1 == house.proxy.current.version.number


async def test_asking_loads_files_that_did_not_change(furnish: Furnish) -> None:
    house = await furnish(whole(b"{}"))

    async with house.client.post(f"{house.url}/admin/reload") as response:
        assert {"asked": True} == await response.json()
    await house.until_version(2)

    assert 1 == house.disk.loads


async def test_tells_what_only_a_restart_puts_in_force(furnish: Furnish) -> None:
    house = await furnish(whole(b"{}"))
    moved = replace(house.config, server=replace(house.config.server, port=1, workers=3), state="sqlite:///x.db")

    house.disk.save(Loaded(moved, SmallEngine()))
    await house.until_version(2)
    _, health = await house.get("/health")

    assert ["server.port", "server.workers", "state"] == health["restart_needed"]
    assert "server.port, server.workers, state from the next start on" in house.said[0]


async def test_what_rests_still_rests_afterwards(furnish: Furnish) -> None:
    house = await furnish(whole(b"{}"))
    house.proxy.current.lasting.state.shared.rest("target west west-model", 4e9)
    pool = house.proxy.tools.pool

    house.disk.save()
    await house.until_version(2)
    _, health = await house.get("/health")

    assert ["target west west-model"] == list(health["resting"])
    assert pool is house.proxy.tools.pool


def two_groups(config: Config, active: str = "default") -> Config:
    other = Group("other", (Alias("west", (Target("east", "other-model"),)),))
    return replace(config, groups={**config.groups, "other": other}, active_group=active)


async def test_the_group_set_by_hand_holds_until_the_file_names_another(furnish: Furnish) -> None:
    house = await furnish(whole(b"{}"))
    current = house.proxy.current
    current.adopt(two_groups(house.config), SmallEngine())
    current.switch(Switches(group="other", traffic=None))

    house.disk.save(Loaded(replace(two_groups(house.config), prices={}), SmallEngine()))
    await house.until_version(4)
    assert "other" == current.version.config.active_group

    house.disk.save(Loaded(two_groups(house.config, active="other"), SmallEngine()))
    await house.until_version(5)
    house.disk.save(Loaded(two_groups(house.config), SmallEngine()))
    await house.until_version(6)
    assert "default" == current.version.config.active_group

    current.switch(Switches(group="other"))
    house.disk.save(Loaded(house.config, SmallEngine()))
    await house.until_version(8)
    assert ("default", Switches()) == (current.version.config.active_group, current.switches)


async def test_workers_tell_each_other(furnish: Furnish, tmp_path: Path) -> None:
    switch_file = SwitchFile(tmp_path / "switches")
    first, second = await furnish(whole(b"{}"), switch_file), await furnish(whole(b"{}"), switch_file)
    late = await furnish(whole(b"{}"), switch_file, follow=False)
    for house in (first, second, late):
        house.proxy.current.adopt(two_groups(house.config), SmallEngine())

    async with first.client.post(f"{first.url}/admin/group", json={"name": "other"}) as response:
        assert "other" == (await response.json())["group"]
    await second.until(lambda: second.proxy.current.version.config.active_group == "other")

    late.proxy.current.follow_others()
    assert "other" == late.proxy.current.version.config.active_group


async def test_files_are_looked_at_where_they_cannot_be_watched(
    furnish: Furnish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ccproxy.server.watching.LIBRARY", "no_such_library")
    monkeypatch.setattr("ccproxy.server.watching.LOOK_EVERY_S", 0.05)
    house = await furnish(whole(b"{}"))

    house.disk.save()

    await house.until_version(2)


async def test_stopping_is_told(furnish: Furnish) -> None:
    house = await furnish(whole(b"{}"))
    house.proxy.current.stopping = True

    assert (503, "stopping") == ((answer := await house.get("/ready"))[0], answer[1]["status"])
    assert 200 == (await house.get("/health"))[0]


async def test_old_mappings_are_let_go_when_nobody_waits(furnish: Furnish, monkeypatch: pytest.MonkeyPatch) -> None:
    settled: list[int] = []
    end = asyncio.Event()
    house = await furnish(pieces(event({"text": "a"}), end))
    monkeypatch.setattr("ccproxy.server.reload.FORGET_AFTER_S", 0.02)
    monkeypatch.setattr("ccproxy.server.reload.settle_memory", lambda: settled.append(house.proxy.current.active))

    async with house.client.post(f"{house.url}/v1/east", json=ASK) as response:
        await response.content.readany()
        house.disk.save(Loaded(house.config, LoudEngine()))
        await house.until_version(2)
        await asyncio.sleep(0.1)
        assert [] == settled
        end.set()
        await response.read()
    await house.until(lambda: bool(settled))

    assert [0] == settled

"""Admin routes, status and metrics: who may use them, and what they do."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ccproxy.config.model import AccessKey, Alias, Group, Target
from ccproxy.server.traffic import Traffic
from server.conftest import Build, House
from server.scripted_upstream import whole
from server.small_engine import SmallEngine

ADMIN = {"authorization": "Bearer boss"}
GUEST = {"authorization": "Bearer guest"}


def with_groups(house: House, keys: bool = False) -> None:
    """Add a second group, and keys if need be."""
    config = house.proxy.current.given
    other = Group("other", (Alias("west", (Target("east", "other-model"),)),))
    access = (AccessKey("boss", sha256(b"boss").digest(), admin=True), AccessKey("guest", sha256(b"guest").digest()))
    changed = replace(config, groups={**config.groups, "other": other}, access=access if keys else ())
    house.proxy.current.adopt(changed, SmallEngine())


async def ask(house: House, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
    async with house.client.request(method, house.url + path, json=body, headers=headers) as response:
        assert "application/json" == response.content_type
        assert "access-control-allow-origin" not in response.headers
        return response.status, await response.json()


async def test_switching_the_group_changes_where_switch_leads(build: Build) -> None:
    house = await build(whole(b'{"text": "a"}'))
    with_groups(house)

    async def asked_model() -> object:
        async with house.client.post(f"{house.url}/switch/v1/east", json={"model": "west", "words": "x"}) as response:
            assert 200 == response.status, await response.read()
        return house.upstream.asked[-1].json()["model"]

    assert "west-model" == await asked_model()
    assert (200, {"group": "other", "groups": ["default", "other"]}) == await ask(
        house, "POST", "/admin/group", {"name": "other"}
    )
    assert "other-model" == await asked_model()
    _, status = await ask(house, "GET", "/admin/status")
    assert ("other", {"group": "other"}) == (status["group"], status["set_by_hand"])

    await ask(house, "POST", "/admin/group", {"name": None})
    assert "west-model" == await asked_model()


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "/admin/group", {"name": "othr"}, 404, "Did you mean `other`?"),
        ("POST", "/admin/group", {"name": 1}, 400, "`name` must be a group"),
        ("POST", "/admin/group", {}, 400, "`name` must be a group"),
        ("POST", "/admin/group", {"group": "other"}, 400, "`group` is unknown here"),
        ("POST", "/admin/group", [1], 400, "must be a JSON object"),
        ("POST", "/admin/log", {"traffic": "yes"}, 400, "`traffic` must be true, false or null"),
        ("POST", "/admin/log", {"record": True}, 400, "--record DIR"),
        ("DELETE", "/admin/group", None, 405, "`GET` and `POST`"),
        ("GET", "/admin/nothing", None, 404, "/admin/status"),
    ],
)
async def test_mistakes_are_told(build: Build, method: str, path: str, body: object, status: int, words: str) -> None:
    house = await build(whole(b"{}"))
    with_groups(house)

    told = await ask(house, method, path, body)

    assert status == told[0]
    assert words in told[1]["error"]["message"]


async def test_logs_are_switched_while_requests_run(build: Build, tmp_path: Path) -> None:
    house = await build(whole(b'{"text": "a"}'))
    current = house.proxy.current
    current.lasting.traffic = Traffic()
    current.adopt(
        replace(current.given, log=replace(current.given.log, dir=str(tmp_path / "logs"), file=str(tmp_path / "log"))),
        SmallEngine(),
    )

    async def say(words: str) -> None:
        async with house.client.post(f"{house.url}/v1/east", json={"model": "west", "words": words}) as response:
            assert 200 == response.status

    await say("before")
    on = await ask(house, "POST", "/admin/log", {"requests": True})
    await say("between")
    await ask(house, "POST", "/admin/log", {"requests": None})
    await say("after")

    assert (200, {"requests": True, "traffic": False, "record": False}) == on
    assert 1 == (tmp_path / "log").read_text().count("\n")


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 401), ({"authorization": "Bearer wrong"}, 403), (GUEST, 403), (ADMIN, 200)]
)
async def test_keys_say_who_may_administer(build: Build, headers: dict[str, str], status: int) -> None:
    house = await build(whole(b"{}"))
    with_groups(house, keys=True)

    told, _ = await ask(house, "GET", "/admin/status", **headers)
    async with house.client.get(f"{house.url}/metrics", headers=headers) as metrics:
        assert (status, status) == (told, metrics.status)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"x-forwarded-for": "203.0.113.9"},
        {"host": "rebound.example"},
    ],
)
async def test_other_sites_may_not_administer(build: Build, headers: dict[str, str]) -> None:
    house = await build(whole(b"{}"))
    with_groups(house)

    status, _ = await ask(house, "POST", "/admin/group", {"name": "other"}, **headers)
    _, health = await ask_health(house, headers)

    assert 403 == status
    assert "default" == house.proxy.current.version.config.active_group
    assert {"status", "configuration", "reload"} == set(health)


async def test_the_proxys_own_page_may_administer(build: Build) -> None:
    house = await build(whole(b"{}"))

    own = {"origin": house.url, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}

    assert 200 == (await ask(house, "GET", "/admin/status", **own))[0]


async def ask_health(house: House, headers: dict[str, str]) -> tuple[int, Any]:
    async with house.client.get(f"{house.url}/health", headers=headers) as response:
        return response.status, await response.json()


async def test_health_tells_strangers_little_and_key_holders_all(build: Build) -> None:
    house = await build(whole(b"{}"))
    with_groups(house, keys=True)

    _, stranger = await ask_health(house, {})
    _, guest = await ask_health(house, GUEST)

    assert {"status", "configuration", "reload"} == set(stranger)
    assert {"resting", "group", "restart_needed"} < set(guest)
    assert ("ok", 2) == (guest["status"], guest["configuration"]["version"])


async def test_metrics_count_requests(build: Build) -> None:
    house = await build(whole(b'{"text": "a"}'))
    async with house.client.post(f"{house.url}/v1/east", json={"model": "west", "words": "x"}) as response:
        await response.read()

    async with house.client.get(f"{house.url}/metrics") as response:
        page = await response.text()

    assert "text/plain" == response.content_type
    assert "ccproxy_requests_total{" in page
    assert "ccproxy_configuration_version 1" in page
    assert "ccproxy_reload_ok 1" in page

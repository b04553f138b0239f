"""The line of each request: what it tells, what it never tells, and the file that it goes to."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ccproxy.config.model import LogSettings
from ccproxy.routing.facts import Attempt, RequestFacts
from ccproxy.server.log_file import LogFile
from ccproxy.server.request_log import RequestLog
from server.conftest import Build, House
from server.scripted_upstream import Asked, pieces, whole
from server.small_engine import SmallEngine, event

FACTS = RequestFacts(
    request_id="req_1",
    method="POST",
    path="/qwen/v1/east",
    arrived_at=1_800_000_000.25,
    client="east",
    operation="chat",
    key="zed",
    group="qwen",
    alias="big-*",
    asked_model="big one",
    provider="west",
    model="huge",
    way="converted",
    stream=True,
    status=200,
    first_byte_s=0.0421,
    seconds=1.5,
    usage={"input": 12, "output": 34, "cache_read": 0},
    attempts=[
        Attempt("east", "small", 1, 429, "rate_limit", 0.02),
        Attempt("west", "huge", 0, 0, "network", 0.03, 0.4),
        Attempt("west", "huge", 0, 200, "ok", 1.4),
    ],
    dropped=("/flavour", "/tools/0/colour"),
)


def line_of(facts: RequestFacts, form: str = "text") -> str:
    lines: list[bytes] = []
    RequestLog(LogSettings(format=form), lines.append)(facts)
    assert 1 == len(lines)
    return lines[0].decode()


def test_a_text_line_tells_everything() -> None:
    assert (
        "2027-01-15T08:00:00.250Z request=req_1 method=POST path=/qwen/v1/east status=200 key=zed client=east "
        'operation=chat group=qwen alias=big-* asked="big one" provider=west model=huge way=converted stream=true '
        "first_byte_ms=42.1 ms=1500.0 tokens=input:12,output:34 "
        "attempts=east/small#1:429:20.0ms,west/huge#0:network:30.0ms,west/huge#0:200:1400.0ms "
        "dropped=/flavour,/tools/0/colour\n"
    ) == line_of(FACTS)


def test_a_json_line_tells_the_same() -> None:
    told = json.loads(line_of(FACTS, "json"))

    assert {"input": 12, "output": 34} == told["tokens"]
    assert {"provider": "west", "outcome": "network", "waited_ms": 400.0}.items() <= told["attempts"][1].items()
    assert ["/flavour", "/tools/0/colour"] == told["dropped"]
    assert ("zed", "qwen", "big-*", 42.1, True) == (
        told["key"], told["group"], told["alias"], told["first_byte_ms"], told["stream"]
    )  # fmt: skip


@pytest.mark.parametrize("form", ["text", "json"])
def test_clients_cannot_begin_a_line_of_their_own(form: str) -> None:
    evil = replace(FACTS, asked_model='x\n2027 request="req_2" status=200\r\x1b[31m' + "y" * 5000)

    line = line_of(evil, form)

    assert 1 == line.count("\n")
    assert re.search(r"[\r\x1b]", line) is None
    assert len(line) < 1500


def test_what_is_unknown_is_left_out() -> None:
    line = line_of(RequestFacts("req_1", "GET", "/nowhere", 0.0, status=404))

    assert "1970-01-01T00:00:00.000Z request=req_1 method=GET path=/nowhere status=404 ms=0.0\n" == line


async def logged(build: Build, script: object, file: Path, **settings: object) -> House:
    house = await build(script, **settings)
    current = house.proxy.current
    log = LogSettings(requests=True, format="json", file=str(file))
    current.adopt(replace(current.given, log=log), SmallEngine())
    return house


async def test_no_key_and_no_prompt_is_ever_written(build: Build, tmp_path: Path) -> None:
    file = tmp_path / "logs" / "requests.log"
    script = pieces(event({"text": "CANARY-answer"}))
    house = await logged(build, script, file, keys=("CANARY-key",))
    places: list[dict[str, str]] = [
        {"x-key": "CANARY-key"},
        {"authorization": "Bearer CANARY-key"},
        {"x-key": "CANARY-no"},
    ]
    for headers in places:
        for model in ("west", "east", "nobody"):
            body = {"model": model, "words": "CANARY-prompt", "stream": True}
            async with house.client.post(f"{house.url}/v1/east", json=body, headers=headers) as response:
                await response.read()
    async with house.client.post(f"{house.url}/v1/east?key=CANARY-key", data=b"CANARY-prompt") as response:
        await response.read()
    async with house.client.post(f"{house.url}/v1/nowhere?key=CANARY-key", data=b"CANARY-prompt") as response:
        await response.read()

    text = file.read_text()

    assert 11 == text.count("\n")
    assert {200, 400, 401, 404} == {json.loads(line)["status"] for line in text.splitlines()}
    assert "CANARY" not in text.replace('"key":"CANARY-key"', "")  # here, keys are named like themselves
    assert "provider-key" not in text
    assert 0o600 == file.stat().st_mode & 0o777


async def test_a_client_that_leaves_is_told(build: Build, tmp_path: Path) -> None:
    async def slow(asked: Asked, writer: object) -> None:
        await pieces(event({"text": "a"}), 30.0)(asked, writer)  # type: ignore[arg-type]

    house = await logged(build, slow, tmp_path / "log")
    async with house.client.post(
        f"{house.url}/v1/east", json={"model": "west", "words": "x", "stream": True}
    ) as response:
        await response.content.readany()
        response.close()
    await house.upstream.gone.wait()

    told = json.loads((tmp_path / "log").read_text())

    assert (499, True, "west-model") == (told["status"], told["cut"], told["model"])


async def test_a_log_that_fails_fails_no_request(
    build: Build, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("")
    house = await logged(build, whole(b'{"text": "a"}'), tmp_path / "taken" / "log")

    for _ in range(3):
        async with house.client.post(f"{house.url}/v1/east", json={"model": "west", "words": "x"}) as response:
            assert 200 == response.status


def test_a_full_file_is_set_aside(tmp_path: Path) -> None:
    file = LogFile(str(tmp_path / "x.log"), max_bytes=50, keep=2)

    for number in range(40):
        file.write(b"line %02d\n" % number)

    kept = [(tmp_path / name).read_text() for name in ("x.log.2", "x.log.1", "x.log")]
    assert [f"line {number:02d}" for number in range(21, 40)] == "".join(kept).splitlines()
    assert {"x.log", "x.log.1", "x.log.2", "x.log.lock"} == {path.name for path in tmp_path.iterdir()}
    assert all(len(text) <= 50 + 8 for text in kept)


def test_a_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    file = LogFile(str(tmp_path / "x.log"), max_bytes=1000, keep=2)
    file.write(b"one\n")
    os.replace(tmp_path / "x.log", tmp_path / "moved")

    file.write(b"two\n")

    assert ("one\n", "two\n") == ((tmp_path / "moved").read_text(), (tmp_path / "x.log").read_text())


WRITER = """
import sys
from ccproxy.server.log_file import LogFile
file = LogFile(sys.argv[1], max_bytes=4000, keep=100)
for number in range(500):
    file.write(f"{sys.argv[2]} {number}\\n".encode())
"""


def test_workers_write_to_the_same_file(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "x.log"), name]) for name in "abc"]
    assert [0, 0, 0] == [writer.wait(30) for writer in writers]

    lines = [line for file in tmp_path.glob("x.log*") for line in file.read_text().splitlines()]
    assert sorted(f"{name} {number}" for name in "abc" for number in range(500)) == sorted(lines)

"""Whatever is wrong with a request, the client gets an error in its own shape."""

from __future__ import annotations

import asyncio
import socket

import pytest

from ccproxy.jsontypes import Json
from server.conftest import Build, House
from server.scripted_upstream import pieces, silent, whole
from server.small_engine import event

ASK = {"model": "west", "words": "hello"}


async def post(house: House, path: str = "/v1/east", status: int = 400, **how: object) -> Json:
    async with house.client.post(f"{house.url}{path}", **how) as response:  # type: ignore[arg-type]
        body: Json = await response.json()
        assert status == response.status, body
        assert "x-request-id" in response.headers
        assert "Traceback" not in str(body)
    return body


def error_in(body: Json) -> dict[str, Json]:
    assert isinstance(body, dict)
    error = body["east_error"]
    assert isinstance(error, dict)
    return error


@pytest.mark.parametrize(
    "raw", [b"", b"hello", b'{"model": "west"', b"[1]", b'"west"', b'{"model": "west"} x', b"\xff{}"]
)
async def test_a_body_that_is_no_json_object(build: Build, raw: bytes) -> None:
    house = await build(whole(b"{}"))

    error = error_in(await post(house, data=raw))

    assert "invalid_request" == error["kind"]
    assert "JSON" in str(error["message"])
    assert [] == house.upstream.asked


@pytest.mark.parametrize("body", [{}, {"model": 3}, {"model": ""}, {"model": None}])
async def test_a_body_without_a_model(build: Build, body: Json) -> None:
    house = await build(whole(b"{}"))

    error = error_in(await post(house, json=body))

    assert "model" == error["param"]


async def test_a_body_that_the_mapping_rejects(build: Build) -> None:
    house = await build(whole(b"{}"))

    error = error_in(await post(house, json={"model": "west", "words": 3}))

    assert "/words: text is expected" == error["message"]


async def test_an_unknown_model(build: Build) -> None:
    house = await build(whole(b"{}"))

    error = error_in(await post(house, status=404, json={**ASK, "model": "wst"}))

    assert "`west`" in str(error["message"])


async def test_an_unknown_group(build: Build) -> None:
    house = await build(whole(b"{}"))

    error = error_in(await post(house, "/defualt/v1/east", 404, json=ASK))

    assert "Did you mean `default`" in str(error["message"])


async def test_an_unknown_path(build: Build) -> None:
    house = await build(whole(b"{}"))

    body = await post(house, "/nowhere", 404, json=ASK)

    assert {"error": {"type": "not_found", "message": "There is nothing at POST /nowhere."}} == body


async def test_an_unknown_path_that_begins_like_a_protocols(build: Build) -> None:
    house = await build(whole(b"{}"))

    body = await post(house, "/v1/east/nowhere", 404, json=ASK)

    assert "There is nothing at POST /v1/east/nowhere." in str(body)


async def test_a_method_that_the_path_does_not_have(build: Build) -> None:
    house = await build(whole(b"{}"))

    async with house.client.get(f"{house.url}/v1/east") as response:
        assert (405, "POST") == (response.status, response.headers["allow"])
        assert "east_error" in await response.json()


async def test_a_websocket(build: Build) -> None:
    house = await build(whole(b"{}"))
    headers = {"connection": "upgrade", "upgrade": "websocket"}

    async with house.client.get(f"{house.url}/v1/east", headers=headers) as response:
        assert 426 == response.status


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_large(build: Build, chunked: bool) -> None:
    house = await build(whole(b"{}"))
    big = b'{"model": "west", "words": "' + b"x" * 20_000 + b'"}'

    async def in_chunks():  # type: ignore[no-untyped-def]
        for start in range(0, len(big), 5000):
            yield big[start : start + 5000]

    error = error_in(await post(house, status=413, data=in_chunks() if chunked else big))

    assert "10000 bytes" in str(error["message"])


async def test_a_bug_of_ours(build: Build, caplog: pytest.LogCaptureFixture) -> None:
    house = await build(whole(b"{}"))

    error = error_in(await post(house, status=500, json={**ASK, "words": "bug"}, headers={"x-request-id": "r-7"}))

    assert "secret" not in str(error)
    assert "r-7" in str(error["message"])
    assert "a secret detail" in caplog.text
    assert "r-7" in caplog.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"x-key": "wrong"}, 401),
        ({"authorization": "Basic good"}, 401),
        ({"authorization": "bearer good"}, 200),
        ({"x-key": "good"}, 200),
    ],
)
async def test_keys_are_needed_once_they_are_configured(build: Build, headers: dict[str, str], status: int) -> None:
    house = await build(whole(b'{"text": "hi"}'), keys=["good", "other"])

    await post(house, status=status, json=ASK, headers=headers)


async def test_a_key_in_the_query(build: Build) -> None:
    house = await build(whole(b'{"text": "hi"}'), keys=["good"])

    await post(house, "/v1/east?key=good", 200, json=ASK)
    await post(house, "/v1/east?key=bad", 401, json=ASK)


async def test_an_upstream_error_keeps_its_status(build: Build) -> None:
    house = await build(whole(b'{"error": "slow down"}', status="429 Too Many", extra="retry-after: 7\r\n"))

    async with house.client.post(f"{house.url}/v1/east", json={**ASK, "stream": True}) as response:
        assert (429, "7") == (response.status, response.headers["retry-after"])
        assert {"east_error": {"error": "slow down"}} == await response.json()


async def test_an_upstream_error_that_is_not_json(build: Build) -> None:
    house = await build(whole(b"<html>bad gateway</html>", "text/html", "502 Bad Gateway"))

    assert {"east_error": "<html>bad gateway</html>"} == await post(house, status=502, json=ASK)


async def test_a_redirect_is_not_followed(build: Build) -> None:
    house = await build(whole(b"", status="307 Go", extra="location: http://127.0.0.1:1/\r\n"))

    assert "redirect" in str(await post(house, status=502, json=ASK))
    assert 1 == len(house.upstream.asked)


@pytest.mark.parametrize("body", [b"hello", b"[1]", b""])
async def test_an_upstream_answer_that_is_not_json(build: Build, body: bytes) -> None:
    house = await build(whole(body))

    error = error_in(await post(house, status=500, json=ASK))

    assert ("upstream", 502) == (error["kind"], error["status"])


async def test_an_upstream_error_under_status_200(build: Build) -> None:
    house = await build(whole(b'{"error": "no credit"}'))

    assert "no credit" == error_in(await post(house, status=500, json=ASK))["message"]


async def test_an_upstream_that_is_not_there(build: Build) -> None:
    house = await build(whole(b"{}"))
    house.upstream.stop()
    await asyncio.sleep(0.05)

    error = error_in(await post(house, status=500, json=ASK))

    assert "The provider `west` cannot be reached" in str(error["message"])
    assert str(house.upstream.port) not in str(error)


async def test_an_upstream_that_hangs_up(build: Build) -> None:
    async def hang_up(_asked: object, writer: asyncio.StreamWriter) -> None:
        writer.close()

    house = await build(hang_up)

    error = error_in(await post(house, status=500, json=ASK))

    assert "without an answer" in str(error["message"])


async def test_an_upstream_that_never_begins(build: Build) -> None:
    house = await build(silent(), first_byte_s=0.2, keep_alive_every_s=0.1)

    error = error_in(await post(house, status=500, json=ASK))

    assert ("timeout", 504) == (error["kind"], error["status"])


async def test_a_stream_that_breaks_off(build: Build) -> None:
    house = await build(pieces(event({"text": "a"}), 0.05, end=False))

    async with house.client.post(f"{house.url}/v1/east", json={**ASK, "stream": True}) as response:
        body = await response.read()

    assert body.startswith(event({"words": "a"}))
    assert b'"error"' in body
    assert b"broke off" in body
    assert body.endswith(b"\n\n")


async def test_a_stream_that_stops_moving(build: Build) -> None:
    house = await build(pieces(event({"text": "a"}), 30.0), idle_s=0.2, keep_alive_every_s=0.1)

    async with house.client.post(f"{house.url}/v1/east", json={**ASK, "stream": True}) as response:
        body = await response.read()

    assert b"stopped sending" in body
    await asyncio.wait_for(house.upstream.gone.wait(), 1)


async def test_a_stream_between_equals_that_breaks_off_inside_an_event(build: Build) -> None:
    house = await build(pieces(b'data: {"a":1}\n\ndata: {"b"', 0.05, end=False))

    async with house.client.post(f"{house.url}/v1/east", json={"model": "east", "stream": True}) as response:
        body = await response.read()

    assert body.startswith(b'data: {"a":1}\n\ndata: {"east_error"')
    assert b'{"b"' not in body


@pytest.mark.parametrize("rest", [b'data: {"b"', b"event: b\ndat", b'data: {"b": 1\n'])
async def test_a_stream_between_equals_that_ends_inside_an_event(build: Build, rest: bytes) -> None:
    house = await build(pieces(b'data: {"a":1}\n\n' + rest))

    async with house.client.post(f"{house.url}/v1/east", json={"model": "east", "stream": True}) as response:
        body = await response.read()

    assert body.startswith(b'data: {"a":1}\n\ndata: {"east_error"')
    assert b"in the middle of an event" in body


@pytest.mark.parametrize("rest", [b'data: {"b": 1}', b'data: {"b": 1}\n', b": bye", b"\n"])
async def test_a_stream_between_equals_that_lacks_the_last_line_end(build: Build, rest: bytes) -> None:
    house = await build(pieces(b'data: {"a":1}\n\n' + rest))

    async with house.client.post(f"{house.url}/v1/east", json={"model": "east", "stream": True}) as response:
        assert b'data: {"a":1}\n\n' + rest == await response.read()


@pytest.mark.parametrize("model", ["east", "west"])
async def test_a_provider_that_repeats_its_key(build: Build, model: str) -> None:
    house = await build(whole(b'{"error": "wrong key: provider-key"}', status="401 No"))

    async with house.client.post(f"{house.url}/v1/east", json={**ASK, "model": model}) as response:
        assert 401 == response.status
        assert "wrong key: ***" in await response.text()


async def test_a_body_that_is_nested_too_deeply(build: Build) -> None:
    house = await build(whole(b"{}"))
    raw = b'{"model": "west", "words": "deep", "more": ' + b"[" * 900 + b"]" * 900 + b"}"

    assert "nested too deeply" in str(error_in(await post(house, data=raw))["message"])


async def test_half_a_character_in_the_body(build: Build) -> None:
    house = await build(whole(b'{"text": "hi"}'))

    await post(house, status=200, data=b'{"model": "west", "words": "cut \\ud83d"}')

    assert "cut \ufffd" == house.upstream.asked[0].json()["text"]


async def test_a_mapping_that_fails_in_mid_stream(build: Build, caplog: pytest.LogCaptureFixture) -> None:
    house = await build(pieces(event({"text": "a"}), 0.02, event({"no text": 1}), 5.0))

    async with house.client.post(f"{house.url}/v1/east", json={**ASK, "stream": True}) as response:
        body = await response.read()

    assert b"failed unexpectedly" in body
    assert "KeyError" in caplog.text


async def test_bytes_that_are_not_http(build: Build) -> None:
    house = await build(whole(b"{}"))

    with socket.create_connection(("127.0.0.1", house.proxy.port)) as connection:
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(connection, b"hello\r\n\r\n")
        answer = await asyncio.wait_for(loop.sock_recv(connection, 4096), 2)

    assert b" 400 " in answer.split(b"\r\n")[0]
    assert b"Traceback" not in answer

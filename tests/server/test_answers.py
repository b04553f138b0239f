"""Whole and streamed answers on both paths, and what upstreams may do to them."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest

from server.conftest import Build
from server.scripted_upstream import Asked, pieces, whole
from server.small_engine import event

ASK = {"model": "west", "words": "hello"}
STREAM = {**ASK, "stream": True}


async def test_converts_request_and_answer(build: Build) -> None:
    house = await build(whole(b'{"text": "hi"}'))

    async with house.client.post(f"{house.url}/v1/east", json=ASK, headers={"x-key": "client-key"}) as response:
        body = await response.json()

    assert {"words": "hi"} == body
    asked = house.upstream.asked[0]
    assert ("POST", "/say") == (asked.method, asked.path)
    assert {"model": "west-model", "text": "hello", "stream": False} == asked.json()
    assert ("provider-key", "1") == (asked.headers["x-key"], asked.headers["x-version"])
    assert "client-key" not in str(asked)
    headers = response.headers
    assert ("west", "west-model", "converted") == tuple(
        headers[f"x-ccproxy-{name}"] for name in ("provider", "model", "path")
    )
    assert headers["x-request-id"].startswith("req_")
    assert "x-ccproxy-dropped" not in headers


async def test_tells_what_was_dropped(build: Build) -> None:
    house = await build(whole(b'{"text": "hi"}'))

    async with house.client.post(f"{house.url}/v1/east", json={**ASK, "flavour": 1}) as response:
        assert "/flavour" == response.headers["x-ccproxy-dropped"]


async def test_a_strict_group_refuses_to_lose_anything(build: Build) -> None:
    house = await build(whole(b'{"text": "hi"}'), strict=True)

    async with house.client.post(f"{house.url}/v1/east", json={**ASK, "flavour": 1}) as refused:
        assert 400 == refused.status
        assert "/flavour" in await refused.text()
    async with house.client.post(f"{house.url}/v1/east", json=ASK) as taken:
        assert 200 == taken.status
    assert 1 == len(house.upstream.asked)


async def test_keeps_the_clients_request_id(build: Build) -> None:
    house = await build(whole(b'{"text": "hi"}'))

    async with house.client.post(f"{house.url}/v1/east", json=ASK, headers={"x-request-id": "mine-1"}) as response:
        assert "mine-1" == response.headers["x-request-id"]


async def test_converts_a_stream_cut_anywhere(build: Build) -> None:
    stream = b"".join(event({"text": text}) for text in ("a", "b", "é")) + b"data: [END]\n\n"
    house = await build(pieces(*(stream[i : i + 3] for i in range(0, len(stream), 3))))

    async with house.client.post(f"{house.url}/v1/east", json=STREAM) as response:
        body = await response.read()

    assert "text/event-stream; charset=utf-8" == response.headers["content-type"]
    assert b"".join([*(event({"words": text}) for text in ("a", "b", "é")), event({"end": True})]) == body


async def test_forwards_bytes_between_equals(build: Build) -> None:
    raw = b'{ "model" : "east", "words": "x",  "more": [1,2.50] }'
    house = await build(whole(b'{"anything":  1}', extra="retry-after: 3\r\nx-limit: 7\r\nserver: secret\r\n"))

    async with house.client.post(
        f"{house.url}/v1/east?beta=true&key=client-key", data=raw, headers={"x-beta": "b1", "x-other": "o"}
    ) as response:
        body = await response.read()

    assert b'{"anything":  1}' == body
    asked = house.upstream.asked[0]
    assert raw.replace(b'"east"', b'"east-model"') == asked.body
    assert "/say?beta=true" == asked.path
    assert "b1" == asked.headers["x-beta"]
    assert "x-other" not in asked.headers
    assert ("direct", "3", "7") == tuple(
        response.headers[name] for name in ("x-ccproxy-path", "retry-after", "x-limit")
    )
    assert "server" not in response.headers


@pytest.mark.parametrize("raw", [b'{"words": "x", "model": "east"}', b'{"tools": [{"model": "no"}], "model": "east"}'])
async def test_finds_the_model_wherever_it_stands(build: Build, raw: bytes) -> None:
    house = await build(whole(b"{}"))

    async with house.client.post(f"{house.url}/v1/east", data=raw) as response:
        await response.read()

    assert {**json.loads(raw), "model": "east-model"} == house.upstream.asked[0].json()


async def test_of_two_models_the_last_one_counts(build: Build) -> None:
    house = await build(whole(b'{"text": "hi"}'))

    for raw in (
        b'{"model": "west", "model": "east", "words": "x"}',
        b'{"model": "east", "model": "west", "words": "x"}',
    ):
        async with house.client.post(f"{house.url}/v1/east", data=raw) as response:
            await response.read()

    assert ["east-model", "west-model"] == [asked.json()["model"] for asked in house.upstream.asked]


async def test_forwards_streams_between_equals(build: Build) -> None:
    stream = b": hello\r\n\r\ndata: 1\n\ndata: tail\n\n"
    house = await build(pieces(stream[:10], stream[10:14], 0.02, stream[14:]))

    async with house.client.post(f"{house.url}/v1/east", json={"model": "east", "stream": True}) as response:
        body = await response.read()

    assert stream == body
    assert "text/event-stream" == response.headers["content-type"]


async def test_a_streaming_client_gets_a_stream_from_an_upstream_that_does_not_stream(build: Build) -> None:
    house = await build(whole(b'{"text": "hi"}'))

    async with house.client.post(f"{house.url}/v1/east", json=STREAM) as response:
        body = await response.read()

    assert event({"words": "hi"}) + event({"end": True}) == body
    assert response.headers["content-type"].startswith("text/event-stream")


async def test_a_client_that_does_not_stream_gets_one_answer_from_an_upstream_that_does(build: Build) -> None:
    house = await build(pieces(event({"text": "h"}), event({"text": "i"})))

    async with house.client.post(f"{house.url}/v1/east", json=ASK) as response:
        assert {"words": "hi"} == await response.json()


async def test_believes_that_an_unnamed_body_is_the_stream_that_was_asked_for(build: Build) -> None:
    house = await build(pieces(event({"text": "hi"}), content_type="text/plain"))

    async with house.client.post(f"{house.url}/v1/east", json=STREAM) as response:
        assert event({"words": "hi"}) in await response.read()


async def test_serves_http_1_0(build: Build) -> None:
    house = await build(pieces(event({"text": "hi"})))

    async with aiohttp_1_0(house.client, f"{house.url}/v1/east") as response:
        assert event({"words": "hi"}) + event({"end": True}) == await response.read()
        assert "transfer-encoding" not in response.headers


def aiohttp_1_0(client, url):  # type: ignore[no-untyped-def]
    import aiohttp

    session = aiohttp.ClientSession(version=aiohttp.HttpVersion10, connector=client.connector, connector_owner=False)
    return session.post(url, json=STREAM)


async def test_one_connection_carries_many_requests(build: Build) -> None:
    house = await build(whole(b'{"text": "hi"}'))

    for _ in range(5):
        async with house.client.post(f"{house.url}/v1/east", json=ASK) as response:
            assert 200 == response.status
            await response.read()

    assert 1 == len(house.proxy.connections.connections)


async def test_asks_again_when_a_pooled_connection_turns_out_to_be_dead(build: Build) -> None:
    answer = whole(b'{"text": "hi"}')

    async def die_on_the_second(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if len(house.upstream.asked) == 2:
            writer.close()
        else:
            await answer(asked, writer)

    house = await build(die_on_the_second)
    for _ in range(2):
        async with house.client.post(f"{house.url}/v1/east", json=ASK) as response:
            assert {"words": "hi"} == await response.json()

    assert 3 == len(house.upstream.asked)


async def test_reads_a_compressed_request(build: Build) -> None:
    house = await build(whole(b"{}"))
    raw = b'{"model": "east", "words": "x"}'

    async with house.client.post(
        f"{house.url}/v1/east", data=gzip.compress(raw), headers={"content-encoding": "gzip"}
    ) as response:
        assert 200 == response.status

    assert raw.replace(b'"east"', b'"east-model"') == house.upstream.asked[0].body
    assert "content-encoding" not in house.upstream.asked[0].headers


async def test_reads_a_compressed_answer(build: Build) -> None:
    packed = gzip.compress(b'{"text": "hi"}')
    house = await build(whole(packed, extra="content-encoding: gzip\r\n"))

    for model, expected in (("west", {"words": "hi"}), ("east", {"text": "hi"})):
        async with house.client.post(f"{house.url}/v1/east", json={"model": model, "words": "x"}) as response:
            assert "content-encoding" not in response.headers
            assert expected == await response.json()


async def test_tells_a_client_to_go_on_that_waits_for_it(build: Build) -> None:
    house = await build(whole(b'{"text": "hi"}'))

    async with house.client.post(f"{house.url}/v1/east", json=ASK, expect100=True) as response:
        assert {"words": "hi"} == await response.json()

"""Vectors for clients of every protocol from providers of every protocol."""

from __future__ import annotations

import pytest

from ccproxy.jsontypes import Json, JsonObject
from operations.conftest import UPSTREAMS, VECTOR, House

EMBEDDERS = tuple(name for name in UPSTREAMS if name != "claude")
# path and body of each client's question for two texts, and where its vectors are
CLIENTS: dict[str, tuple[str, JsonObject, str]] = {
    "chat": ("/v1/embeddings", {"model": "short", "input": ["a", "b"], "dimensions": 3}, "data"),
    "gemini": (
        "/v1beta/models/short:batchEmbedContents",
        {"requests": [{"content": {"parts": [{"text": text}]}, "outputDimensionality": 3} for text in "ab"]},
        "embeddings",
    ),
    "gemini_v1": (
        "/v1/models/short:batchEmbedContents",
        {"requests": [{"content": {"parts": [{"text": text}]}, "output_dimensionality": 3} for text in "ab"]},
        "embeddings",
    ),
    "ollama": ("/api/embed", {"model": "short", "input": ["a", "b"], "dimensions": 3}, "embeddings"),
}


@pytest.mark.parametrize("upstream", EMBEDDERS)
@pytest.mark.parametrize("client", CLIENTS)
async def test_two_texts_give_two_vectors(house: House, client: str, upstream: str) -> None:
    path, body, field = CLIENTS[client]

    answer = await house.ask("POST", f"/{upstream}{path}", body)

    assert [VECTOR, VECTOR] == [vector_of(item) for item in answer[field]]  # type: ignore[union-attr]
    sent = house.upstream.asked[-1].json()
    assert ["a", "b"] == [text_of(item) for item in sent.get("input") or sent["requests"]]  # type: ignore[union-attr]
    assert f"{upstream}-model" in house.upstream.asked[-1].path + str(sent)
    assert "short" not in str(sent)
    assert 3 in numbers_in(sent)


@pytest.mark.parametrize("upstream", EMBEDDERS)
async def test_one_text_of_older_operations(house: House, upstream: str) -> None:
    content = {"parts": [{"text": "hi"}]}

    ollama = await house.ask("POST", f"/{upstream}/api/embeddings", {"model": "short", "prompt": "hi"})
    gemini = await house.ask("POST", f"/{upstream}/v1beta/models/short:embedContent", {"content": content})

    assert {"embedding": VECTOR} == ollama
    assert {"values": VECTOR} == gemini["embedding"]


@pytest.mark.parametrize("upstream", ["gemini", "ollama"])
async def test_vectors_in_base64(house: House, upstream: str) -> None:
    body: JsonObject = {"model": "short", "input": "hi", "encoding_format": "base64"}

    answer = await house.ask("POST", f"/{upstream}/v1/embeddings", body)

    assert "AAAAPwAAgL4AAABA" == answer["data"][0]["embedding"]  # type: ignore[index,call-overload]
    assert {"prompt_tokens": 7, "total_tokens": 7} == answer["usage"]


@pytest.mark.parametrize("upstream", ["gemini", "ollama"])
async def test_tokens_go_nowhere_but_to_who_takes_them(house: House, upstream: str) -> None:
    body: JsonObject = {"model": "short", "input": [1, 2, 3]}

    status, error = await house.answer("POST", f"/{upstream}/v1/embeddings", body)

    assert 400 == status
    assert "texts, not tokens" in str(error)


async def test_a_task_is_kept_between_geminis_names(house: House) -> None:
    request = {"content": {"parts": [{"text": "hi"}]}, "taskType": "RETRIEVAL_QUERY", "model": "models/short"}

    await house.ask("POST", "/gemini/v1beta/models/short:batchEmbedContents", {"requests": [request]})

    assert {"requests": [{**request, "model": "models/gemini-model"}]} == house.upstream.asked[-1].json()


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_provider_without_embeddings(house: House, client: str) -> None:
    path, body, _ = CLIENTS[client]

    status, error = await house.answer("POST", f"/claude{path}", body)

    assert status in (400, 501)
    assert "which has no embeddings" in str(error["error"])


async def test_an_error_of_the_provider_in_the_clients_shape(house: House) -> None:
    house.upstream.script = refusing

    status, error = await house.answer("POST", "/gemini/v1/embeddings", {"model": "short", "input": "x"})

    assert 429 == status
    assert "slow down" == error["error"]["message"]  # type: ignore[index,call-overload]


async def refusing(_asked: object, writer: object) -> None:
    body = b'{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}'
    writer.write(b"HTTP/1.1 429 X\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))  # type: ignore[attr-defined]


def vector_of(item: Json) -> Json:
    return item.get("embedding") or item["values"] if isinstance(item, dict) else item


def text_of(item: Json) -> Json:
    return item["content"]["parts"][0]["text"] if isinstance(item, dict) else item  # type: ignore[index,call-overload]


def numbers_in(value: Json) -> set[int]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return {number for item in value for number in numbers_in(item)}
    return {value} if isinstance(value, int) else set()

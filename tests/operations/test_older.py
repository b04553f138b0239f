"""Older operations that are a conversation with one turn, in front of a provider that has none of them."""

from __future__ import annotations

from operations.conftest import House


async def test_completions(house: House) -> None:
    answer = await house.ask("POST", "/claude/v1/completions", {"model": "short", "prompt": "Once", "max_tokens": 9})

    choice = answer["choices"][0]  # type: ignore[index,call-overload]
    assert "text_completion" == answer["object"]
    assert ("Once!", "stop") == (choice["text"], choice["finish_reason"])  # type: ignore[index,call-overload]


async def test_completions_as_a_stream(house: House) -> None:
    body = {"model": "short", "prompt": ["Once"], "stream": True}
    async with house.client.post(f"{house.url}/claude/v1/completions", json=body) as response:
        text = await response.text()

    assert '"text":"Once!"' in text
    assert '"finish_reason":"stop"' in text
    assert text.endswith("data: [DONE]\n\n")
    assert "delta" not in text


async def test_generate(house: House) -> None:
    answer = await house.ask("POST", "/claude/api/generate", {"model": "short", "prompt": "Once", "stream": False})

    assert ("Once!", True) == (answer["response"], answer["done"])


async def test_what_only_one_protocol_has(house: House) -> None:
    status, error = await house.answer("POST", "/claude/v1/responses/compact", {"model": "short", "input": "x"})

    assert 400 == status
    assert {"message", "type", "param", "code"} == error["error"].keys()  # type: ignore[union-attr]
    assert "which has no compact" in str(error)

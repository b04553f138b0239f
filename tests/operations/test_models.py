"""Lists of models, and single ones, in the shape of the client that asks."""

from __future__ import annotations

import pytest

from operations.conftest import House

CLAUDE = {"anthropic-version": "2023-06-01"}
GEMINI = {"x-goog-api-key": "any"}
LISTS = {
    "chat": ("/v1/models", {}, "data", "id", ""),
    "claude": ("/v1/models", CLAUDE, "data", "id", ""),
    "gemini": ("/v1beta/models", {}, "models", "name", "models/"),
    "gemini_v1": ("/v1/models", GEMINI, "models", "name", "models/"),
    "ollama": ("/api/tags", {}, "models", "name", ""),
}


@pytest.mark.parametrize("client", LISTS)
async def test_names_of_a_group(house: House, client: str) -> None:
    path, headers, field, name, prefix = LISTS[client]

    answer = await house.ask("GET", f"/openai-responses{path}", headers=headers)  # a group of a preset with a table

    names = [model[name].removeprefix(prefix) for model in answer[field]]  # type: ignore[union-attr,index,call-overload]
    assert "short" == names[0]
    assert not any("*" in name for name in names)


async def test_names_behind_a_pattern_are_those_that_the_providers_preset_knows(engine: object, house: House) -> None:
    answer = await house.ask("GET", "/openai-chat/v1/models")

    cards = {card["id"]: card for card in answer["data"]}  # type: ignore[union-attr,index,call-overload]
    assert 400_000 == cards["gpt-5"]["context_length"]  # type: ignore[index,call-overload]
    assert "o3" not in cards


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/v1/models/gpt-5", {}, {"id": "gpt-5", "object": "model"}),
        ("/v1/models/gpt-5", CLAUDE, {"id": "gpt-5", "type": "model", "max_input_tokens": 400_000}),
        ("/v1/models/gpt-5", GEMINI, {"name": "models/gpt-5", "inputTokenLimit": 400_000}),
        ("/v1beta/models/gpt-5", {}, {"name": "models/gpt-5", "outputTokenLimit": 128_000}),
    ],
)
async def test_one_model(house: House, path: str, headers: dict[str, str], expected: dict[str, object]) -> None:
    answer = await house.ask("GET", f"/openai-chat{path}", headers=headers)

    assert expected == {name: answer[name] for name in expected}


async def test_editors_are_told_what_a_model_can_do(house: House) -> None:
    """P47."""
    shown = await house.ask("POST", "/openai-chat/api/show", {"name": "gpt-5"})
    version = await house.ask("GET", "/api/version")

    assert ["completion", "tools", "vision", "thinking"] == shown["capabilities"]
    assert {"general.architecture": "gpt", "general.basename": "gpt-5", "gpt.context_length": 400_000} == shown[
        "model_info"
    ]
    assert "gpt" == shown["details"]["family"]  # type: ignore[index,call-overload]
    assert (0, 6, 4) <= tuple(int(part) for part in str(version["version"]).split("."))
    assert {"models": []} == await house.ask("GET", "/api/ps")


async def test_an_unknown_model(house: House) -> None:
    status, error = await house.answer("GET", "/claude/v1/models/nobody", headers=CLAUDE)

    assert (404, "error") == (status, error["type"])
    assert "not_found_error" == error["error"]["type"]  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("path", "headers", "shape"),
    [
        ("/v1/nothing", {}, {"message", "type", "param", "code"}),
        ("/v1/messages/nothing", {}, {"type", "message"}),
        ("/claude/v1/nothing", GEMINI, {"code", "message", "status"}),
        ("/v1beta/nothing", {}, {"code", "message", "status"}),
    ],
)
async def test_unknown_paths_are_refused_in_the_protocols_words(
    house: House, path: str, headers: dict[str, str], shape: set[str]
) -> None:
    status, error = await house.answer("POST", path, {}, headers)

    assert 404 == status
    assert shape == set(error["error"])  # type: ignore[arg-type]


async def test_stored_responses_are_refused_clearly(house: House) -> None:
    status, error = await house.answer("GET", "/v1/responses/resp_1")

    assert 404 == status
    assert "storage is off" in error["error"]["message"]  # type: ignore[index,call-overload,operator]

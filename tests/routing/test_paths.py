"""Paths lead to routes; groups come before them and never in their way."""

from __future__ import annotations

import pytest

from ccproxy.routing.paths import Route, RouteTable

CHAT = Route("chat", "chat", "POST", "/v1/chat")
CHAT_MODELS = Route("chat", "models", "GET", "/v1/models")
OTHER_MODELS = Route("other", "models", "GET", "/v1/models")
ACTION = Route("google", "chat", "POST", "/beta/models/{model}:{action}")
SLASH_ACTION = Route("google", "chat", "POST", "/beta/models/{model}/{action}")
TABLE = RouteTable([CHAT, CHAT_MODELS, OTHER_MODELS, ACTION, SLASH_ACTION])


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("/v1/chat", None),
        ("/v1/chat/", None),
        ("//v1//chat", None),
        ("/v1/v1/chat", None),
        ("/qwen/v1/chat", "qwen"),
        ("/qwen/v1/v1/chat/", "qwen"),
        ("/v1x/v1/chat", "v1x"),
        ("/my%20group/v1/chat", "my group"),
        ("/beta/v1/chat", "beta"),
    ],
)
def test_finds_the_route_and_its_group(path: str, group: str | None) -> None:
    match = TABLE.find(path)

    assert match is not None
    assert {"POST": (CHAT,)} == match.routes
    assert group == match.group


@pytest.mark.parametrize("path", ["/", "", "/v1", "/v1/chats", "/a/b/v1/chat", "/qwen", "/qwen/", "/v1/chat/more"])
def test_knows_no_other_path(path: str) -> None:
    assert TABLE.find(path) is None


@pytest.mark.parametrize(
    ("path", "model", "action", "group"),
    [
        ("/beta/models/m-1:generate", "m-1", "generate", None),
        ("/beta/models/m-1/generate", "m-1", "generate", None),
        ("/beta/models/ft:m:1:generate", "ft:m:1", "generate", None),
        ("/beta/models/org/m%3A1:generate", "org/m:1", "generate", None),
        ("/g/beta/models/m:generate", "m", "generate", "g"),
    ],
)
def test_reads_parameters_from_the_path(path: str, model: str, action: str, group: str | None) -> None:
    match = TABLE.find(path)

    assert match is not None
    assert ({"model": model, "action": action}, group) == (match.parameters, match.group)


def test_keeps_every_protocol_that_shares_a_path() -> None:
    match = TABLE.find("/v1/models")

    assert match is not None
    assert (CHAT_MODELS, OTHER_MODELS) == match.routes["GET"]


def test_a_group_called_like_a_route_cannot_shadow_it() -> None:
    match = TABLE.find("/v1/models")

    assert match is not None
    assert match.group is None


def test_remembers_only_so_many_paths() -> None:
    table = RouteTable([CHAT])

    for number in range(10_000):
        table.find(f"/g{number}/v1/chat")

    assert len(table._seen) <= 4096


def test_a_parameter_may_be_one_of_some_words() -> None:
    table = RouteTable([Route("p", "chat", "POST", "/v1/models/{model}:{action=run|runStream}")])

    found = table.find("/v1/models/a/b:c:runStream")

    assert found is not None
    assert {"model": "a/b:c", "action": "runStream"} == found.parameters
    assert table.find("/v1/models/m:count") is None

"""Bodies before and after a policy, by either path, and what a provider reads in them."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import cast

import pytest

from ccproxy.conversion.engine import Engine
from ccproxy.jsontypes import Json, JsonObject
from ccproxy.policy.places import Places, build_places
from ccproxy.policy.policy import Policy
from policy.bodies import ASKED, FIRST

SETTINGS = ("max_tokens", "temperature", "top_p", "top_k", "stop", "seed", "presence_penalty")


@dataclass
class Meaning:
    """What a request says, however it is written."""

    system: str
    texts: list[tuple[str, str]]
    tools: list[str]
    tool_choice: Json
    settings: JsonObject

    @property
    def asked(self) -> str:
        return [text for role, text in self.texts if role == "user"][-1]


@dataclass
class Paths:
    """Both ways from a client's body to a provider's."""

    engine: Engine

    def direct(self, policy: Policy, protocol: str, body: JsonObject, operation: str = "chat") -> JsonObject:
        given = deepcopy(body)
        changed = policy.parameters(policy.on_wire(given, self.places(protocol, operation), count_questions))
        assert body == given, "the client's own body was changed"
        return changed

    def converted(self, policy: Policy, protocol: str, body: JsonObject, target: str | None = None) -> JsonObject:
        exchange = self.engine.open(
            protocol,
            target or protocol,
            deepcopy(body),
            limit=lambda unified: policy.limit(unified, count_questions),
            edit=lambda unified: policy.prompt(unified, bool(unified.get("tools"))),
        )
        return policy.parameters(exchange.upstream_request)

    def places(self, protocol: str, operation: str = "chat") -> Places | None:
        facts = self.engine.protocols[protocol]
        return build_places(facts, facts.operations[operation])

    def meaning(self, protocol: str, body: JsonObject) -> Meaning:
        """What the provider understands; a body that its schema refuses is none."""
        validator = self.engine.dialect(protocol).validator
        problem = validator.problem(body) if validator else None
        assert problem is None, problem and problem.message
        unified = self.engine.open(protocol, protocol, deepcopy(body)).unified
        messages = cast("list[JsonObject]", unified["messages"])
        return Meaning(
            system="\n\n".join(_texts(unified.get("system"))),
            texts=[(str(turn["role"]), text) for turn in messages for text in _texts(turn["content"])],
            tools=[str(tool["name"]) for tool in cast("list[JsonObject]", unified.get("tools", []))],
            tool_choice=_choice(unified.get("tool_choice")),
            settings={name: unified[name] for name in SETTINGS if name in unified},
        )


def count_questions(body: JsonObject) -> int:
    """Tokens as far as these tests go: ten for each thing that the user said."""
    return 10 * sum(str(body).count(said) for said in (FIRST, ASKED))


def _choice(choice: Json) -> Json:
    """A choice without what is usual anyway."""
    return {name: value for name, value in choice.items() if value != "auto"} if isinstance(choice, dict) else choice


def _texts(blocks: Json) -> Iterator[str]:
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, dict) and block.get("type") == "text":
            yield str(block["text"])


@pytest.fixture(scope="session")
def paths() -> Paths:
    return Paths(Engine.load())

"""What a plan's policy changes in one converted request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.inject.rounds import Rounds
    from ccproxy.jsontypes import JsonObject
    from ccproxy.pipeline.engine_port import Engine
    from ccproxy.pipeline.plan import Plan


class PolicyEdits:
    """State of one request: whether it offers tools, which are gone from it when they go as text."""

    def __init__(self, engine: Engine, plan: Plan, rounds: Rounds | None = None) -> None:
        """`rounds` are those of an answer for which tools are run here."""
        self._rounds = rounds
        self._engine = engine
        self._plan = plan
        self._with_tools = False

    def limit(self, unified: JsonObject) -> JsonObject:
        """Change a request before its normal form."""
        limited = self._plan.policy.limit(unified, self._count)
        if self._rounds is not None:
            limited = self._rounds.extend(limited)
        self._with_tools = bool(limited.get("tools"))
        return limited

    def prompt(self, unified: JsonObject) -> JsonObject:
        """Change the prompts of a request in normal form, behind the guide to tools where there is one."""
        return self._plan.policy.prompt(unified, self._with_tools)

    def _count(self, unified: JsonObject) -> int:
        return self._engine.tokens_in(unified, self._plan.target.name)

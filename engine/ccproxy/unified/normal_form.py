"""The normal form of a request: what every target mapping may rely on (DESIGN, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.unified.clean_blocks import BlockCleaner
from ccproxy.unified.history_calls import HistoryCalls, NewId
from ccproxy.unified.loss import Loss, LossReport
from ccproxy.unified.model import Block, Message, Request
from ccproxy.unified.names import NameMap
from ccproxy.unified.normal_rules import NormalRules
from ccproxy.unified.pairing import Pairing, paired_blocks
from ccproxy.unified.tool_names import ToolNames
from ccproxy.unified.turns import begin_with_user, lift_system, merge_turns


@dataclass(frozen=True, slots=True)
class Normalised:
    """A request in normal form, the way back for its answer, and what was lost.

    `ids` says which call ids of the client have another one upstream.
    """

    request: JsonObject
    names: NameMap
    ids: Mapping[str, str]
    dropped: list[Loss]


def normalise_request(request: JsonObject, rules: NormalRules, new_id: NewId | None = None) -> Normalised:
    """Bring a unified request into normal form for one target.

    The request's own objects and lists are changed in place; `parameters`, `arguments` and `value`, which belong
    to the client's body, are not. Calls without an id are numbered unless `new_id` makes ids (from a prefix).
    """
    report = LossReport(rules.known_protocols)
    tools = ToolNames(rules, report)
    calls = HistoryCalls(rules, tools, new_id)
    unified = cast("Request", request)
    if "extra" in unified:
        report.add_extra(unified["extra"], ())
    tools.normalise(unified)
    _clean(unified, BlockCleaner(rules, report), report)
    calls.legalise(*_pair(unified, rules))
    if rules.first_role == "user":
        begin_with_user(unified["messages"])
    if rules.signed_tool_turns:
        _check_reasoning(unified, report)
    return Normalised(request, NameMap(tools.identities, calls.client_ids), calls.renamed, report.losses)


def _clean(request: Request, cleaner: BlockCleaner, report: LossReport) -> None:
    for index, message in enumerate(request["messages"]):
        message["content"] = cleaner.clean(message.get("content") or [], ("messages", index, "content"))
        if "extra" in message:
            report.add_extra(message["extra"], ("messages", index))
    lift_system(request)
    system = cleaner.clean(request.get("system", []), ("system",))
    if system:
        request["system"] = system
    else:
        request.pop("system", None)


def _pair(request: Request, rules: NormalRules) -> tuple[list[Block], list[Block]]:
    """Settle the turns of the conversation; returns its calls, and their results in the same order."""
    messages = request["messages"] = merge_turns(request["messages"], rules)
    paired = paired_blocks(messages)
    if paired is not None:
        return paired
    stored: Json = request.get("extra", {}).get(rules.protocol)
    has_history = isinstance(stored, dict) and any(stored.get(name) for name in rules.history_fields)
    pairing = Pairing(keep_orphans=has_history, keep_trailing=rules.trailing_calls == "keep")
    request["messages"] = merge_turns(pairing.repair(messages), rules)
    return pairing.calls, pairing.results


def _check_reasoning(request: Request, report: LossReport) -> None:
    """Switch thinking off when the tool turn to be continued does not begin with signed thoughts."""
    mode = request.get("reasoning", {"mode": "off"}).get("mode")
    if mode in ("off", "auto") or _continues_signed_turn(request["messages"]):
        return
    request["reasoning"] = {"mode": "off"}
    report.add(("reasoning",), "the tool turn to be continued has no signed thoughts")


def _continues_signed_turn(messages: list[Message]) -> bool:
    if len(messages) < 2 or messages[-1]["content"][0]["type"] != "tool_result":
        return True
    first = messages[-2]["content"][0]
    return first["type"] == "reasoning" and ("signature" in first or "encrypted" in first)

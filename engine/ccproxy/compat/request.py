"""A request without tools in place of one with tools: their guide joins the system prompt, past calls become text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from ccproxy.compat.guide import Choice
from ccproxy.compat.history import History
from ccproxy.compat.toolbox import Toolbox

if TYPE_CHECKING:
    from ccproxy.compat.dialects import Dialect
    from ccproxy.compat.guide import Guide
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.unified.model import Block, Message, Tool

NO_CALLS: Final = "none"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A request in its new form; `toolbox` holds what may be called in its answer."""

    request: JsonObject
    toolbox: Toolbox
    choice: Choice


def rewrite_request(request: JsonObject, dialect: Dialect, guide: Guide) -> Rewritten:
    """Write a request in normal form without tools that its client would run; tools of the provider stay."""
    declared = cast("list[Tool]", request.get("tools") or [])
    functions = [tool for tool in declared if tool["type"] != "native"]
    natives = [tool for tool in declared if tool["type"] == "native"]
    wanted = cast("Mapping[str, Json]", request.get("tool_choice") or {})
    choice = _choice(wanted, [tool["name"] for tool in functions])
    callable_now = Toolbox([] if choice.mode == NO_CALLS else _json(_allowed(functions, wanted.get("allowed"))))
    everything = Toolbox(_json(functions))

    rewritten = {name: value for name, value in request.items() if name not in ("tools", "tool_choice")}
    messages = cast("list[Message]", request["messages"])
    rewritten["messages"] = cast("Json", History(dialect, guide, everything).messages(messages))
    if natives:
        rewritten["tools"] = cast("Json", natives)
        rewritten |= (
            {"tool_choice": dict(wanted)} if wanted.get("name") in [tool.get("name") for tool in natives] else {}
        )
    if functions:
        told = _guide_text(guide, callable_now, choice, rewritten)
        block = _marked({"type": "text", "text": told}, functions)
        rewritten["system"] = cast("Json", [*cast("list[Json]", request.get("system") or []), block])
    return Rewritten(rewritten, callable_now, choice)


def _choice(wanted: Mapping[str, Json], names: Sequence[str]) -> Choice:
    mode, name = str(wanted.get("mode") or "auto"), str(wanted.get("name") or "")
    if mode == "tool" and name not in names:
        mode = "auto"
    return Choice(mode, name if mode == "tool" else "", wanted.get("parallel") is not False)


def _allowed(tools: Sequence[Tool], names: Json) -> list[Tool]:
    return [tool for tool in tools if not isinstance(names, list) or tool["name"] in names]


def _guide_text(guide: Guide, toolbox: Toolbox, choice: Choice, request: JsonObject) -> str:
    """The guide; a form of answer that would forbid calls is asked for in words and taken out of the request."""
    if not toolbox.tools:
        return guide.without_tools()
    wanted = request.get("response_format")
    is_free = not isinstance(wanted, dict) or wanted.get("type") == "text"
    if not is_free:
        del request["response_format"]
    return guide.prompt(toolbox, choice, None if is_free or not isinstance(wanted, dict) else wanted)


def _marked(block: Block, tools: Sequence[Tool]) -> Block:
    """A block with the cache mark that stood on the tools."""
    marks = [tool["cache"] for tool in tools if "cache" in tool]
    return {**block, "cache": marks[-1]} if marks else block


def _json(tools: Sequence[Tool]) -> Sequence[Mapping[str, Json]]:
    return cast("Sequence[Mapping[str, Json]]", tools)

"""Tools of a request under names that the target accepts, and the way back.

Legal names stay, so that others have to make room; a name depends on nothing that comes after it in the request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, TypeAlias, cast

from ccproxy.jsontypes import JsonObject
from ccproxy.unified.call_draft import WRAPPED_INPUT
from ccproxy.unified.loss import LossReport
from ccproxy.unified.model import Block, CallKind, Request, Tool, ToolChoice
from ccproxy.unified.names import ToolIdentity
from ccproxy.unified.naming import NameRule, legal_name
from ccproxy.unified.normal_rules import NormalRules
from ccproxy.unified.property_names import Renaming, legal_properties, rename_schema

FullName: TypeAlias = tuple[str | None, str]

UNNAMED_TOOL: Final = "unnamed_tool"


class ToolNames:
    """Upstream names of one request's tools. State of one normalisation."""

    __slots__ = (
        "_by_name",
        "_natives",
        "_report",
        "_rules",
        "_shared",
        "_upstream",
        "identities",
        "plain",
        "properties",
    )

    def __init__(self, rules: NormalRules, report: LossReport) -> None:
        self._rules = rules
        self._report = report
        self._upstream: dict[FullName, str] = {}
        self._by_name: dict[str, str] = {}
        self._natives: set[str] = set()
        self._shared: set[str] = set()
        self.plain: set[str] = set()
        self.properties: dict[str, Renaming] = {}
        self.identities: dict[str, ToolIdentity] = {}

    def normalise(self, request: Request) -> None:
        """Drop doubles and foreign tools, name the rest, and make the choice of tools fit."""
        tools = self._named(request)
        if tools and not self._are_plain(tools):
            self._reserve(tools)
            request["tools"] = [tool for index, tool in enumerate(tools) if self._declare(tool, index)]
        if not request.get("tools"):
            request.pop("tools", None)
            request.pop("tool_choice", None)
        elif "tool_choice" in request:
            self._choose(request["tool_choice"], request)
        if self._rules.property_name is not None:
            for tool in request.get("tools", []):
                self._rename_properties(tool, self._rules.property_name)

    def _named(self, request: Request) -> list[Tool]:
        """The tools; those that could never be called, for want of a name, are dropped."""
        tools = request.get("tools") or []
        nameless = [index for index, tool in enumerate(tools) if not tool.get("name") and tool["type"] != "native"]
        for index in nameless:
            self._report.add(("tools", index), "a tool needs a name")
        if nameless:
            tools = request["tools"] = [tool for index, tool in enumerate(tools) if index not in nameless]
        return tools

    def know(self, names: Iterable[str]) -> bool:
        """Whether all these tools have the same name upstream."""
        return self.plain.issuperset(names)

    def rename_call(self, call: Block) -> None:
        """Give a call of the history the upstream name of its tool."""
        namespace = call.get("namespace")
        if self._rules.namespaces == "join":
            call.pop("namespace", None)
        name = call["name"]
        known = self._upstream.get((namespace, name)) or (None if namespace else self._by_name.get(name))
        call["name"] = known or self._assign(namespace, name, "function")

    def _are_plain(self, tools: list[Tool]) -> bool:
        """Whether nothing has to be done for any of the tools; the usual case."""
        names = [tool["name"] for tool in tools if tool["type"] == "function" and _is_bare(tool)]
        unique = set(names)
        if len(unique) != len(tools) or not all(map(self._rules.tool_name.is_legal, names)):
            return False
        self.plain = unique
        self._by_name = dict(zip(names, names, strict=True))
        return True

    def _reserve(self, tools: list[Tool]) -> None:
        is_legal = self._rules.tool_name.is_legal
        joins = self._rules.namespaces == "join"
        legal = [
            tool["name"]
            for tool in tools
            if "name" in tool and not (joins and "namespace" in tool) and is_legal(tool["name"])
        ]
        self.plain = set(legal)
        self._shared = {name for name, count in Counter(legal).items() if count > 1}

    def _declare(self, tool: Tool, index: int) -> bool:
        """Whether a tool stays; gives it its upstream name."""
        if "extra" in tool:
            self._report.add_extra(tool["extra"], ("tools", index))
        if tool["type"] == "native":
            return self._keep_native(tool, index)
        name, namespace = tool["name"], tool.get("namespace")
        if (namespace, name) in self._upstream:
            self._report.add(("tools", index), "a tool of this name was declared before")
            return False
        if tool["type"] == "function" and namespace is None and name in self.plain:
            self._upstream[None, name] = self._by_name[name] = name
            return True
        kind: CallKind = "custom" if tool["type"] == "custom" else "function"
        tool["name"] = self._assign(namespace, name, kind)
        if self._rules.namespaces == "join":
            tool.pop("namespace", None)
        if kind == "custom" and self._rules.custom_tools == "function":
            as_function(tool)
        return True

    def _rename_properties(self, tool: Tool, rule: NameRule) -> None:
        renaming = legal_properties(rule, tool.get("parameters", {}))
        if not renaming:
            return
        name = tool["name"]
        tool["parameters"] = cast("JsonObject", rename_schema(tool["parameters"], renaming))
        self.properties[name] = renaming
        undone = {new: old for old, new in renaming.items()}
        self.identities[name] = replace(self.identities.get(name, ToolIdentity(name)), properties=undone)

    def _keep_native(self, tool: Tool, index: int) -> bool:
        if tool["protocol"] in self._rules.known_protocols:
            self._natives.add(tool.get("name", ""))
            return True
        self._report.add(("tools", index), f"only {tool['protocol']} runs this tool")
        return False

    def _assign(self, namespace: str | None, name: str, kind: CallKind) -> str:
        """A new upstream name, and how to undo it."""
        joins = self._rules.namespaces == "join"
        wrapped = kind == "custom" and self._rules.custom_tools == "function"
        if (joins and namespace is not None) or not self._may_stay(name, wrapped=wrapped):
            joined = join_name(namespace, name) if joins and namespace is not None else name
            upstream = legal_name(self._rules.tool_name, joined or UNNAMED_TOOL, self.plain)
        else:
            upstream = name
        self.plain.add(upstream)
        self._upstream[namespace, name] = upstream
        self._by_name.setdefault(name, upstream)
        if upstream != name or wrapped or (joins and (namespace is not None or kind == "custom")):
            self.identities[upstream] = ToolIdentity(name, kind, namespace if joins else None, wrapped)
        return upstream

    def _may_stay(self, name: str, *, wrapped: bool) -> bool:
        """Whether a name is legal and, where answers have to be told apart by it, nobody else's."""
        return bool(self._rules.tool_name.is_legal(name)) and not (wrapped and name in self._shared)

    def _choose(self, choice: ToolChoice, request: Request) -> None:
        if choice.get("allowed") is not None:
            choice["allowed"] = [known for name in choice["allowed"] if (known := self._choosable(name))]
            if not choice["allowed"]:
                del choice["allowed"]
        if "name" in choice or choice.get("mode") == "tool":
            self._choose_one(choice)
        if not choice:
            del request["tool_choice"]

    def _choose_one(self, choice: ToolChoice) -> None:
        known = self._choosable(choice.get("name", ""))
        if known:
            choice["name"] = known
            return
        self._report.add(("tool_choice", "name"), "there is no such tool")
        choice.pop("name", None)
        if choice.get("mode") == "tool":
            del choice["mode"]

    def _choosable(self, name: str) -> str | None:
        """The upstream name of a tool that may be chosen; tools of the provider have only one name."""
        return self._by_name.get(name) or (name if name in self._natives else None)


def _is_bare(tool: Tool) -> bool:
    return "namespace" not in tool and "extra" not in tool


def join_name(namespace: str, name: str) -> str:
    return f"{namespace}{name}" if namespace.endswith("_") else f"{namespace}__{name}"


def as_function(tool: Tool) -> None:
    """Write a free text tool as a function with one argument; a grammar is told in the description."""
    tool["type"] = "function"
    grammar = tool.pop("format", {}).get("definition")
    if isinstance(grammar, str):
        told = f"The input must follow this grammar:\n{grammar}"
        tool["description"] = "\n\n".join(filter(None, (tool.get("description"), told)))
    tool["parameters"] = {
        "type": "object",
        "properties": {WRAPPED_INPUT: {"type": "string", "description": "The whole input of the tool as text"}},
        "required": [WRAPPED_INPUT],
        "additionalProperties": False,
    }

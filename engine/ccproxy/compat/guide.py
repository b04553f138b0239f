"""The texts of one dialect: the guide for the system prompt, results, and what is said of a call nobody understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ccproxy.compat.events import dumps
from ccproxy.compat.outline import outline
from ccproxy.compat.samples import example_tools, sample_arguments
from ccproxy.compat.writing import spaced_json, write_calls

if TYPE_CHECKING:
    from jinja2 import Environment, Template

    from ccproxy.compat.dialects import Dialect, Rules
    from ccproxy.compat.toolbox import CallableTool, Toolbox
    from ccproxy.jsontypes import Json, JsonObject

CACHED_GUIDES: Final = 32
_EMPTY_LINES: Final = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the client said about calling tools; `name` is the tool to call for mode `tool`."""

    mode: str = "auto"
    name: str = ""
    parallel: bool = True


class Guide:
    """Fills the templates of one dialect. Keeps the last guides, since conversations repeat them."""

    def __init__(self, dialect: Dialect, rules: Rules) -> None:
        environment = open_environment(rules.templates)
        self._dialect = dialect
        self._prompt = environment.from_string(dialect.prompt)
        self._result = environment.from_string(dialect.result)
        self._none = environment.get_template("none")
        self._correction = environment.get_template("correction")
        self._cached: dict[tuple[str, Choice, str], str] = {}

    def prompt(self, toolbox: Toolbox, choice: Choice, answer_format: JsonObject | None = None) -> str:
        """What the tools are and how to call them."""
        facts: Json = [[tool.name, tool.description, tool.parameters] for tool in toolbox.tools]
        key = (dumps(facts), choice, dumps(answer_format))
        if key not in self._cached:
            if len(self._cached) >= CACHED_GUIDES:
                self._cached.clear()
            self._cached[key] = self._fill_prompt(toolbox, choice, answer_format)
        return self._cached[key]

    def _fill_prompt(self, toolbox: Toolbox, choice: Choice, answer_format: JsonObject | None) -> str:
        examples = [self._example(tool, toolbox) for tool in example_tools(toolbox.tools, choice.name)]
        tools = [_shown(tool) for tool in toolbox.tools]
        return _filled(self._prompt, tools=tools, examples=examples, choice=choice, answer_format=answer_format)

    def without_tools(self) -> str:
        """What is said when no tool may be called."""
        return _filled(self._none)

    def result(self, name: str, call_id: str, text: str, *, error: bool) -> str:
        """The result of a call; its text stays as it is."""
        return self._result.render(name=name, id=call_id, text=text, error=error)

    def correction(self, toolbox: Toolbox, choice: Choice, reason: str) -> str:
        """What a model is told whose call was not understood."""
        example = self._example(example_tools(toolbox.tools, choice.name)[0], toolbox)
        return _filled(self._correction, tools=toolbox.tools, example=example, reason=reason)

    def _example(self, tool: CallableTool, toolbox: Toolbox) -> str:
        return write_calls(self._dialect, [(tool.name, sample_arguments(tool))], toolbox)


def open_environment(templates: Mapping[str, str]) -> Environment:
    """A sandbox for templates: they see what they are given, and change nothing."""
    from jinja2 import DictLoader, StrictUndefined  # noqa: PLC0415  (takes longer to import than most requests)
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(dict(templates)), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["json"] = spaced_json
    return environment


def _shown(tool: CallableTool) -> Mapping[str, Json]:
    function: JsonObject = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {
        "name": tool.name,
        "description": tool.description.strip(),
        "parameters": tool.parameters,
        "outline": outline(tool.parameters),
        "json": spaced_json({"type": "function", "function": function}),
    }


def _filled(template: Template, **values: object) -> str:
    return _EMPTY_LINES.sub("\n\n", template.render(**values)).strip()

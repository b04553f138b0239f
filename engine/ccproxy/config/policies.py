"""What groups and aliases set for their requests.

An alias has every setting of its group; its own take their place, and `defaults`, `limits`, `parameters` and `headers`
are merged name by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ccproxy.config.header_templates import read_headers
from ccproxy.config.prompts import read_prompt, read_replacements, word
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.policy.context_limit import ContextLimit
from ccproxy.policy.names import NamePatterns
from ccproxy.policy.parameters import Parameter, build_parameter
from ccproxy.policy.pointers import Steps, parse_path
from ccproxy.policy.policy import NO_POLICY, Policy
from ccproxy.policy.sampling import NUMBERS, SETTINGS, STOP, WHOLE_NUMBERS, Sampling
from ccproxy.yamltree.nodes import MapNode, Node, to_json

if TYPE_CHECKING:
    from ccproxy.config.section import Reading, Section
    from ccproxy.jsontypes import Json
    from ccproxy.policy.prompting import Injection, Replacement

TOOL_MODES: Final = ("auto", "native", "compat")
OVERFLOWS: Final = ("reject", "trim")
CAPPED: Final = NUMBERS - {"seed"}


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """What one group or one alias says; None where it says nothing."""

    prompt: tuple[Injection, ...] | None = None
    replacements: tuple[Replacement, ...] | None = None
    dropped_tools: tuple[str, ...] | None = None
    ratio: float | None = None
    context: ContextLimit | None = None
    tool_mode: str | None = None
    defaults: Mapping[str, Json] = field(default_factory=dict)
    caps: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[Steps, Parameter] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def read_policy_settings(entry: Section, reading: Reading) -> PolicySettings:
    """Read what a group or an alias sets."""
    dropped = entry.texts("drop_tools") if entry.get("drop_tools") is not None else None
    mode = word(entry, "tool_mode", TOOL_MODES, "", reading)
    return PolicySettings(
        prompt=read_prompt(entry, reading),
        replacements=read_replacements(entry, reading),
        dropped_tools=dropped,
        ratio=entry.number("temperature_ratio"),
        context=_read_context(entry, reading),
        tool_mode=mode or None,
        defaults={name: to_json(node) for name, node in _named(entry.section("defaults"), SETTINGS, reading)},
        caps={name: _cap(node) for name, node in _named(entry.section("limits"), CAPPED, reading)},
        parameters=_read_parameters(entry.section("parameters"), reading),
        headers=read_headers(entry.section("headers"), reading, with_key=False),
    )


def build_policy(group: PolicySettings, alias: PolicySettings) -> Policy:
    """Return the policy of an alias in its group; NO_POLICY itself when neither sets anything."""
    prompt = (group.prompt if alias.prompt is None else alias.prompt) or ()
    replacements = group.replacements if alias.replacements is None else alias.replacements
    dropped = group.dropped_tools if alias.dropped_tools is None else alias.dropped_tools
    ratio = group.ratio if alias.ratio is None else alias.ratio
    policy = Policy(
        injection=prompt[0] if prompt else None,
        replacements=replacements or (),
        dropped_tools=NamePatterns(dropped) if dropped else None,
        sampling=Sampling(
            1.0 if ratio is None else ratio, {**group.defaults, **alias.defaults}, {**group.caps, **alias.caps}
        ),
        context=alias.context or group.context,
        changes=tuple({**group.parameters, **alias.parameters}.values()),
        tool_mode=alias.tool_mode or group.tool_mode or "",
        headers={**group.headers, **alias.headers},
    )
    return NO_POLICY if policy == NO_POLICY else policy


def _read_context(entry: Section, reading: Reading) -> ContextLimit | None:
    node = entry.get("max_context")
    if node is None:
        return None
    if not isinstance(node, MapNode):
        tokens = entry.integer("max_context", 0, 1)
        return ContextLimit(tokens) if tokens else None
    section = entry.section("max_context")
    tokens = section.integer("tokens", 0, 1)
    over = word(section, "when_over", OVERFLOWS, OVERFLOWS[0], reading)
    section.finish()
    if "tokens" not in node:
        reading.report("S202", "`max_context` needs `tokens`", node, label="incomplete")
    return ContextLimit(tokens, trims=over == "trim") if tokens else None


def _named(section: Section, names: frozenset[str], reading: Reading) -> list[tuple[str, Node]]:
    """Return the entries that are settings of sampling, with a value of their kind."""
    found = []
    for name, node in section.entries():
        if name not in names:
            entry = section.node.entry(name) if section.node else None
            reading.report(
                "S203",
                f"unknown setting `{name}`",
                entry.key if entry else node,
                label="no such setting",
                help="write it under `parameters:` where it is a field of the provider's own body",
                note=f"settings are {quoted_list(sorted(names), 'and', most=12)}",
                suggestion=closest(name, names) or "",
            )
        elif not _has_kind(to_json(node), name):
            kind = "a text or a list of texts" if name == STOP else _number_kind(name)
            reading.report("S201", f"`{name}` must be {kind}", node, label=f"{kind} is expected here")
        else:
            found.append((name, node))
    return found


def _has_kind(value: Json, name: str) -> bool:
    if name == STOP:
        return all(isinstance(text, str) for text in value) if isinstance(value, list) else isinstance(value, str)
    kinds = int if name in WHOLE_NUMBERS else int | float
    return isinstance(value, kinds) and not isinstance(value, bool)


def _number_kind(name: str) -> str:
    return "a whole number" if name in WHOLE_NUMBERS else "a number"


def _cap(node: Node) -> float:
    value = to_json(node)
    return value if isinstance(value, int | float) else 0


def _read_parameters(section: Section, reading: Reading) -> dict[Steps, Parameter]:
    found = {}
    for name, node in section.entries():
        steps = parse_path(name)
        if steps is None:
            entry = section.node.entry(name) if section.node else None
            reading.report(
                "S205",
                f"`{name}` is not a JSON pointer",
                entry.key if entry else node,
                label="no pointer",
                help="write a field's name, or `/` before every step; `~1` stands for a `/` in a name, `~0` for `~`",
            )
        else:
            found[steps] = build_parameter(steps, to_json(node))
    return found

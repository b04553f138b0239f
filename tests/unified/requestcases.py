"""Plays request cases: the request of a fixture through the normal form of its rules."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ccproxy.unified.normal_form import Normalised, normalise_request
from ccproxy.unified.normal_rules import NormalRules, build_rules
from unified.casefiles import render_items, render_object

JsonDict = dict[str, Any]


def rules_of(case: JsonDict) -> NormalRules:
    """Rules of a case: `limits` and `normal_form` as in protocol.yaml; the target is called `target`."""
    said = case.get("rules") or {}
    return build_rules("target", said.get("limits", {}), said.get("normal_form", {}))


def normalised(case: JsonDict) -> Normalised:
    return normalise_request(case["request"], rules_of(case))


def render_outcome(result: Normalised) -> str:
    """Everything a case expects, as its file says it."""
    tools = {name: _told(asdict(identity)) for name, identity in result.names.identities.items()}
    text = render_object("expect", result.request)
    text += render_items("dropped", [list(loss) for loss in result.dropped]) if result.dropped else ""
    text += render_object("ids", dict(result.ids)) if result.ids else ""
    return text + (render_object("tools", tools) if tools else "")


def _told(identity: JsonDict) -> JsonDict:
    """What of a tool has to be restored, beyond the usual."""
    return {name: value for name, value in identity.items() if value and value != "function"}

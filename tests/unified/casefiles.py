"""Case files: YAML in, and lists of values written one to a line so that a diff can be read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

PLAIN = re.compile(r"[a-zA-Z_][a-zA-Z0-9_./-]*( [a-zA-Z0-9_.-]+)*")
WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def load_case(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def render_items(name: str, items: list[Any]) -> str:
    """A list under a key, each item in flow style on a line of its own."""
    lines = [f"  - {render_flow(item)}\n" for item in items]
    return f"{name}:\n{''.join(lines)}" if lines else f"{name}: []\n"


def render_flow(value: Any) -> str:
    """YAML flow style with quotes only where they are needed."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{render_flow(str(key))}: {render_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(render_flow, value)) + "]"
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def render_object(name: str, fields: dict[str, Any]) -> str:
    """An object under a key: its lists item by item, other fields in flow style."""
    if not fields:
        return f"{name}: {{}}\n"
    lines = [
        _indented(render_items(key, value)) if _is_long(value) else f"  {key}: {render_flow(value)}\n"
        for key, value in fields.items()
    ]
    return f"{name}:\n{''.join(lines)}"


def _is_long(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())

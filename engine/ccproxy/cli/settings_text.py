"""Settings of clients as the text of their files, and lines for shells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from shlex import quote
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json

SHELLS: Final = ("bash", "zsh", "fish")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


def render_content(content: Json, form: str) -> str:
    """Return a file's content as `json`, `toml` or `text`, with a line end."""
    if form == "toml" and isinstance(content, dict):
        return "\n".join(_toml_lines(content, ())).lstrip("\n") + "\n"
    if isinstance(content, str):
        return content if content.endswith("\n") else content + "\n"
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def set_line(shell: str, name: str, value: str) -> str:
    """Return the line with which a shell sets a variable for its programs."""
    return f"set -gx {name} {_fish_quoted(value)}" if shell == "fish" else f"export {name}={quote(value)}"


def unset_line(shell: str, name: str) -> str:
    """Return the line with which a shell forgets a variable."""
    return f"set -e {name}" if shell == "fish" else f"unset {name}"


def _fish_quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _toml_lines(table: Mapping[str, Json], path: tuple[str, ...]) -> Iterator[str]:
    """Yield a table: its own values first, then the tables below it under their headings."""
    values = {key: value for key, value in table.items() if not isinstance(value, dict)}
    if path and values:
        yield ""
        yield f"[{'.'.join(_toml_key(step) for step in path)}]"
    for key, value in values.items():
        yield f"{_toml_key(key)} = {_toml_value(value)}"
    for key, below in table.items():
        if isinstance(below, dict):
            yield from _toml_lines(below, (*path, key))


def _toml_key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key)


def _toml_value(value: Json) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{_toml_key(key)} = {_toml_value(item)}" for key, item in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, list):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False)

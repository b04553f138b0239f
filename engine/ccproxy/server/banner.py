"""What `ccproxy serve` says when it is ready: where it is, what it serves, and a line to paste."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from shlex import quote
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.config.model import Config, Group
    from ccproxy.jsontypes import Json

RECIPES_SHOWN: Final = 2
_COLUMN: Final = 13


def render_banner(
    version: str, root: str, config: Config, models_from: str, recipes: Mapping[str, Mapping[str, Json]]
) -> str:
    """Return the lines, without the last line end."""
    key = "YOUR_KEY" if config.access else "any"
    lines = [
        f"ccproxy {version} listens on {root}",
        _line("models from", models_from),
        _line("groups", ", ".join(_groups(config)) or "none"),
    ]
    if config.active_group in config.groups and len(config.groups) > 1:
        lines.append(_line("/switch is", config.active_group))
    lines += [_line(title, command) for title, command in start_lines(recipes, root, key)]
    return "\n".join(lines)


def start_lines(recipes: Mapping[str, Mapping[str, Json]], root: str, key: str) -> list[tuple[str, str]]:
    """Return titles and commands of clients that need nothing but environment variables."""
    found = [(str(recipe.get("title", name)), _command(recipe, root, key)) for name, recipe in sorted(recipes.items())]
    return [(title, command) for title, command in found if command][:RECIPES_SHOWN]


def _command(recipe: Mapping[str, Json], root: str, key: str) -> str:
    env, command = recipe.get("env"), recipe.get("command")
    if not isinstance(env, dict) or not isinstance(command, str) or recipe.get("files"):
        return ""
    settings = [f"{name}={_filled(str(text), root, key)}" for name, text in env.items()]
    return " ".join([*settings, command])


def _filled(text: str, root: str, key: str) -> str:
    return quote(text.replace("{root}", root).replace("{key}", key))


def _groups(config: Config) -> Iterator[str]:
    for group in config.groups.values():
        yield f"{group.name} ({_aliases(group)})"


def _aliases(group: Group) -> str:
    names = [alias.pattern for alias in group.aliases]
    return ", ".join([*names[:4], "…"] if len(names) > 4 else names) or "no aliases"


def _line(name: str, text: str) -> str:
    return f"  {name.ljust(_COLUMN)}{text}"

"""Which YAML files there are, and which schema each must meet."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ccproxy.diagnostics.model import Diagnostic, Span
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.shapes.schemas import has_schema
from ccproxy.yamltree.nodes import MapNode, Node

MODELINE = re.compile(r"^# yaml-language-server: \$schema=\S*?((?:mapping/)?[a-z]+)\.schema\.json\s*$", re.MULTILINE)
FOLDERS = {"shared": "table", "quirks": "quirk", "providers": "provider", "clients": "client", "compat": "compat"}
NAMED = {"compat/rules.yaml": "mapping/toolmode"}
STEMS = ("protocol", "request", "response", "stream", "error")
CONFIG_KEYS = ("server", "access", "providers", "groups", "active_group", "resilience", "log", "state", "prices", "mcp")
FIRST_KEYS = {"meta": "fixture"} | dict.fromkeys(CONFIG_KEYS, "config")
CONFIG_FILE = "ccproxy.yaml"
SESSION_FILE = "session.yaml"
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was read: its shown name, its schema if known, its tree if it is YAML."""

    path: Path
    display: str
    text: str
    schema: str | None
    node: Node | None


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Find every YAML file at or below the paths, without hidden folders, each once."""
    return list(dict.fromkeys(found for path in paths for found in _below(path)))


def _below(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for found in sorted(path.rglob("*")):
        hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
        if found.suffix in SUFFIXES and found.is_file() and not hidden:
            yield found


def shown_path(path: Path, folder: Path) -> str:
    """The path as a person would type it in this folder."""
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return path.as_posix()


def schema_for(path: Path, text: str, node: Node | None) -> str | None:
    """Choose the schema by the file's own modeline, its folder, its name, or its first keys."""
    modeline = MODELINE.search(text[:2000])
    if modeline and has_schema(modeline.group(1)):
        return modeline.group(1)
    if path.name == CONFIG_FILE:
        return "config"
    if path.name == SESSION_FILE:
        return "recording"
    if (named := NAMED.get(f"{path.parent.name}/{path.name}")) is not None:
        return named
    if path.suffix == ".yaml" and path.parent.name in FOLDERS:
        return f"mapping/{FOLDERS[path.parent.name]}"
    if path.suffix == ".yaml" and path.stem in STEMS:
        return f"mapping/{path.stem}"
    if path.suffix == ".yaml" and (path.parent / "protocol.yaml").is_file():
        return "mapping/operation"
    return _by_keys(node.keys()) if isinstance(node, MapNode) else None


def _by_keys(keys: tuple[str, ...]) -> str | None:
    for key in keys:
        if key in FIRST_KEYS:
            return FIRST_KEYS[key]
        if key in FOLDERS.values() or key == "protocol":
            return f"mapping/{key}"
    return None


def unknown_kind(file: CheckedFile) -> Diagnostic:
    """A file that nothing will ever read."""
    names = [*(f"{stem}.yaml" for stem in STEMS), CONFIG_FILE]
    meant = file.path.stem + ".yaml" if file.path.suffix == ".yml" else closest(file.path.name, names)
    return Diagnostic(
        "S206",
        f"nothing reads a file named `{file.path.name}`",
        Span(file.display, 1, 1, 2),
        label="neither the name, the folder nor the keys tell what this is",
        help=f"rename it to `{meant}`" if meant else "",
        note=f"a protocol folder holds {quoted_list(names[:-1], 'and')}; tables lie in shared/, quirks in quirks/",
        suggestion=meant or "",
    )

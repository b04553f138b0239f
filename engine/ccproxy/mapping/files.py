"""Which files a mappings tree consists of; later directories lie over earlier ones, file by file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SPECIAL_FOLDERS = {
    "shared": "table",
    "quirks": "quirk",
    "providers": "provider",
    "clients": "client",
    "compat": "compat",
}
PROTOCOL_FILES = ("protocol", "request", "response", "stream", "error")


@dataclass(frozen=True, slots=True)
class MappingFile:
    """One YAML file: its kind, the folder it belongs to, and where it lies."""

    kind: str
    folder: str
    path: Path
    display: str


def find_mapping_files(roots: Iterable[Path]) -> list[MappingFile]:
    """Every mapping file, sorted; a later root replaces a file of the same relative path."""
    found: dict[str, MappingFile] = {}
    layers = tuple(roots)
    protocols = {path.parent.name for root in layers for path in root.glob("*/protocol.yaml")}
    for root in layers:
        for path in sorted(root.glob("*/*.yaml")):
            relative = path.relative_to(root).as_posix()
            if file := _classify(path, protocols):
                found[relative] = file
    return [found[name] for name in sorted(found)]


def _classify(path: Path, protocols: set[str]) -> MappingFile | None:
    folder = path.parent.name
    display = display_path(path)
    if folder in SPECIAL_FOLDERS:
        return MappingFile(SPECIAL_FOLDERS[folder], folder, path, display)
    if path.stem in PROTOCOL_FILES:
        return MappingFile(path.stem, folder, path, display)
    return MappingFile("operation", folder, path, display) if folder in protocols else None


def display_path(path: Path) -> str:
    """The path as a person would type it: relative to the working directory where that is shorter."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()

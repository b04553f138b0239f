"""What `ccproxy validate` said of files as they are: kept by content, so that unchanged files are checked once.

Kept in `$CCPROXY_CACHE` (`off` keeps nothing). The name of a result is the hash of everything that it depends on: the
checked files, the mappings that they lie over, the schemas, the engine.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ccproxy import __version__
from ccproxy.datadirs import find_data_dir, find_data_dirs
from ccproxy.mapping.stored_library import PACKAGE, private_base, read_pickle, write_pickle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ccproxy.diagnostics.model import Diagnostic

KEPT = 64


def past_check(paths: Iterable[Path]) -> Path | None:
    """Where the result for these files is or will be; None where nothing is kept."""
    base = private_base()
    if base is None:
        return None
    folder = base / "checks"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    return folder / _name(paths)


def recall(path: Path) -> list[Diagnostic] | None:
    """The result that is kept there."""
    kept = read_pickle(path)
    return kept if isinstance(kept, list) else None


def remember(path: Path, problems: list[Diagnostic]) -> None:
    """Keep a result, and forget the oldest ones."""
    write_pickle(path, problems)
    kept = sorted(path.parent.iterdir(), key=lambda each: each.stat().st_mtime)
    for old in kept[:-KEPT]:
        old.unlink(missing_ok=True)


def _name(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256(f"{__version__} {sys.version} {Path.cwd()}".encode())
    for path in sorted([*PACKAGE.rglob("*.py"), *find_data_dir("schemas").rglob("*.json")]):
        status = path.stat()
        digest.update(f"{path}\0{status.st_mtime_ns}\0{status.st_size}\n".encode())
    roots = [root.resolve() for root in find_data_dirs("mappings")]
    chosen = [path.resolve() for path in paths]
    roots += [root for path in chosen if (root := path.parent.parent) not in roots]
    below = (found for root in roots for pattern in ("*/*.yaml", "*/*.jsonl") for found in root.glob(pattern))
    for path in [*chosen, *sorted(below)]:
        digest.update(f"{path}\0".encode())
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()[:32]

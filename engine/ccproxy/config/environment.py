"""`$NAME` and `${NAME}` in configuration values, and the `.env` file beside a configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_VARIABLE: Final = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_QUOTED: Final = re.compile(r"""(["'])(.*?)\1""")
_ASSIGNMENT: Final = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")


def load_variables(folder: Path, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables of `folder/.env`, overlaid by those of the process."""
    try:
        text = (folder / ".env").read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return environ
    return {**parse_env_file(text), **environ}


def parse_env_file(text: str) -> dict[str, str]:
    """Return the assignments of a `.env` file; comments and other lines count for nothing."""
    variables = {}
    for line in text.splitlines():
        hit = None if line.lstrip().startswith("#") else _ASSIGNMENT.fullmatch(line)
        if hit:
            variables[hit[1]] = _unquoted(hit[2])
    return variables


def expand(text: str, variables: Mapping[str, str]) -> tuple[str, list[tuple[str, int]]]:
    """Return `text` with its variables replaced, and each missing one with its offset."""
    missing = [(name, hit.start()) for hit in _VARIABLE.finditer(text) if (name := hit[1] or hit[2]) not in variables]
    return _VARIABLE.sub(lambda hit: variables.get(hit[1] or hit[2], ""), text), missing


def _unquoted(value: str) -> str:
    quoted = _QUOTED.match(value)
    return quoted[2] if quoted else re.sub(r"\s#.*", "", value)

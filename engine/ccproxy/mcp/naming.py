"""Names under which clients see what servers offer: the bare name when it is unique, `server_name` for a clash.

The names depend on what is offered only, never on the order in which servers started.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

_ODD: Final = re.compile(r"[^A-Za-z0-9_.-]")


def assign_names(offered: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], str]:
    """Return the shown name for each (server, name)."""
    pairs = sorted((server, name) for server, names in offered.items() for name in set(names))
    bare = Counter(name for _, name in pairs)
    shown = {pair: pair[1] for pair in pairs if bare[pair[1]] == 1}
    taken = set(shown.values())
    for server, name in pairs:
        if (server, name) not in shown:
            shown[server, name] = _free(f"{_ODD.sub('_', server)}_{name}", taken)
            taken.add(shown[server, name])
    return shown


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free

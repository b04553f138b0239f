"""One mistake, one problem: a misspelt name makes another name undefined, unused, or both."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Related
from ccproxy.diagnostics.suggest import closest
from ccproxy.mapping.check.vocabulary import looks_misspelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ccproxy.diagnostics.model import Diagnostic

NAME = re.compile(r"`\$?(\w+)`")


def fold_names(problems: Iterable[Diagnostic], vocabulary: Mapping[str, int]) -> list[Diagnostic]:
    """Join each unused name with the undefined one it was meant to be, or the other way round."""
    kept = list(problems)
    for unused in [each for each in kept if each.code == "M415"]:
        name = _name(unused)
        undefined = [each for each in kept if each.code == "X303" and closest(_name(each), [name])]
        if not undefined:
            continue
        meant = _name(undefined[0])
        same = [each for each in undefined if _name(each) == meant]
        if len(same) > 1 or looks_misspelt(name, meant, vocabulary):
            kept = [each for each in kept if each not in same]
            kept[kept.index(unused)] = _renamed(unused, name, meant, same[0])
        else:
            kept.remove(unused)
    return kept


def _name(problem: Diagnostic) -> str:
    found = NAME.search(problem.message)
    return found.group(1) if found else ""


def _renamed(unused: Diagnostic, name: str, meant: str, read: Diagnostic) -> Diagnostic:
    return replace(
        unused,
        message=f"unused name `{name}`, while `${meant}` is undefined",
        help=f"rename it to `{meant}`",
        related=(Related(read.span, f"`${meant}` is read here"),),
        suggestion=meant,
    )

"""`Code`: a Python expression together with what is known about its value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, IntFlag

_ATOM = re.compile(r"[A-Za-z_][\w.]*|-?\d+(\.\d+)?")


class Kind(IntFlag):
    """Kinds of value an expression can have."""

    MISSING = 1
    NULL = 2
    BOOLEAN = 4
    NUMBER = 8
    STRING = 16
    ARRAY = 32
    OBJECT = 64


ANY = Kind(127)
PRESENT = ANY & ~Kind.MISSING


class Need(Enum):
    """How nothing must be told from null: exactly, not at all (None for both), or any false value will do."""

    EXACT = 1
    LOOSE = 2
    FALSY = 3


@dataclass(frozen=True, slots=True)
class Code:
    """`text` is an atom, a call or in parentheses.

    loose: nothing is None (else MISSING).  raw: a sequence whose single result has not been taken out yet.
    items: for a finished sequence, the list it was made from.
    """

    text: str
    kinds: Kind = ANY
    loose: bool = False
    raw: bool = False
    items: str = ""

    @property
    def is_atom(self) -> bool:
        return _ATOM.fullmatch(self.text) is not None or self.text in ('""', "''")

    @property
    def is_literal(self) -> bool:
        """Whether the text is a scalar's, which has no fields and no items."""
        return self.text[:1] in "-0123456789'\"" or self.text in ("None", "True", "False")

    def can_be(self, kind: Kind) -> bool:
        return bool(self.kinds & kind)


class NotCompiled(Exception):  # noqa: N818  (a decision, not a defect)
    """The construct is left to the reference evaluator."""


def flag_of(condition: str) -> Code:
    """A Python condition as a value; `condition` must be of type bool."""
    return Code(condition, Kind.BOOLEAN)

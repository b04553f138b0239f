"""`MISSING`: JSONata's nothing. JSON null is None."""

from __future__ import annotations

import enum
from typing import Final, Literal, TypeAlias

from ccproxy.jsontypes import Json


class Missing(tuple[()], enum.Enum):
    """The type of MISSING; an enum so that type checkers follow `is MISSING`, a tuple so that Python finds it false
    without calling a method.
    """

    MISSING = ()

    __hash__ = tuple.__hash__

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING
Value: TypeAlias = Json | Literal[Missing.MISSING]

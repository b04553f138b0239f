"""`MISSING`: JSONata's nothing. JSON null is None."""

from __future__ import annotations

import enum
from typing import Final, Literal, TypeAlias

from ccproxy.jsontypes import Json


class Missing(enum.Enum):
    """The type of MISSING; an enum so that type checkers follow `is MISSING`."""

    MISSING = "nothing"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING
Value: TypeAlias = Json | Literal[Missing.MISSING]

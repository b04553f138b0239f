"""What a loop in a mapping runs over: always a list, or None for nothing and null."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.expr.emission.code import Code, Kind
from ccproxy.expr.runtime import loops as run

if TYPE_CHECKING:
    from ccproxy.expr.emission.core import Emission
    from ccproxy.expr.emission.frame import Frame


def items(em: Emission, code: Code, frame: Frame) -> Code:
    """The items of a finished value; a sequence need not become a single value and an array again."""
    if code.kinds == Kind.ARRAY:
        return code
    if code.items:
        first, later = em.name(Code(code.items), frame)
        test = f"{first} and type({later}[0]) is dict"
        return Code(f"({later} if {test} else {em.call(run.items_of_sequence, later)})")
    first, later = em.name(code, frame)
    other = em.call(run.items_of, later)
    if code.can_be(Kind.MISSING):
        other = f"None if {later} is {em.missing} else {other}"
    return Code(f"({later} if type({first}) is list else {other})")

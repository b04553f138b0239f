"""Types of plain scalars by the core schema of YAML 1.2: `yes` is text, `0o7` a number."""

import re

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
OLD_BOOLEANS = frozenset({"yes", "no", "on", "off"})
INTEGER = re.compile(r"[-+]?[0-9]+")
BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
MOST_DIGITS = 4000


def typed(text: str) -> str | int | float | bool | None:
    """Read a plain scalar."""
    if text in NULLS:
        return None
    if text in BOOLEANS:
        return BOOLEANS[text]
    if len(text) < MOST_DIGITS and INTEGER.fullmatch(text):
        return int(text)
    if len(text) < MOST_DIGITS and BASED.fullmatch(text):
        return int(text, 0)
    if FLOAT.fullmatch(text):
        return float(text)
    return text


def old_boolean(text: str, is_key: bool) -> bool | None:
    """What a YAML 1.1 reader makes of a bare word; keys `y` and `n` are common names and stay."""
    word = text.lower()
    if word in OLD_BOOLEANS or (word in ("y", "n") and not is_key):
        return word in ("yes", "on", "y")
    return None

"""JSONata's built-in functions: how many arguments each takes, and which mappings may not use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Builtin:
    """Takes `least` to `most` arguments; with fewer than `full` the context stands in for the first."""

    name: str
    least: int
    full: int
    most: int
    result: str = ""  # a JSON kind, when it is always the same


# Their answer depends on the clock or on chance, or their text cannot be checked.
FORBIDDEN = {
    "now": "mappings have no clock",
    "millis": "mappings have no clock",
    "random": "mappings have no randomness",
    "shuffle": "mappings have no randomness",
    "eval": "the text it would run cannot be checked",
}

_TABLE = """
sum 1 1 1 number | count 1 1 1 number | max 1 1 1 number | min 1 1 1 number | average 1 1 1 number
string 0 1 2 string | substring 1 2 3 string | substringBefore 1 2 2 string | substringAfter 1 2 2 string
lowercase 0 1 1 string | uppercase 0 1 1 string | length 0 1 1 number | trim 0 1 1 string | pad 1 2 3 string
match 1 2 3 | contains 1 2 2 boolean | replace 2 3 4 string | split 1 2 3 array | join 1 1 2 string
formatNumber 1 2 3 string | formatBase 0 1 2 string | formatInteger 1 2 2 string | parseInteger 1 2 2 number
number 0 1 1 number | floor 0 1 1 number | ceil 0 1 1 number | round 0 1 2 number | abs 0 1 1 number
sqrt 0 1 1 number | power 1 2 2 number | random 0 0 0 number | boolean 0 1 1 boolean | not 0 1 1 boolean
map 2 2 2 | zip 1 1 99 array | filter 2 2 2 | single 1 1 2 | reduce 2 2 3 | sift 1 2 2 object
keys 0 1 1 | lookup 1 2 2 | append 2 2 2 | exists 1 1 1 boolean | spread 0 1 1 | merge 1 1 1 object
reverse 1 1 1 array | each 1 2 2 | error 0 0 1 | assert 1 1 2 | type 1 1 1 string | sort 1 1 2 array
shuffle 1 1 1 array | distinct 1 1 1 | base64encode 0 1 1 string | base64decode 0 1 1 string
encodeUrlComponent 0 1 1 string | encodeUrl 0 1 1 string | decodeUrlComponent 0 1 1 string | decodeUrl 0 1 1 string
eval 1 1 2 | toMillis 0 1 2 number | fromMillis 0 1 3 string | clone 0 1 1 object | now 0 0 2 string
millis 0 0 0 number
"""


def _read_table() -> dict[str, Builtin]:
    found: dict[str, Builtin] = {}
    for entry in _TABLE.replace("\n", "|").split("|"):
        if words := entry.split():
            least, full, most = (int(word) for word in words[1:4])
            found[words[0]] = Builtin(words[0], least, full, most, words[4] if len(words) > 4 else "")
    return found


BUILTINS = _read_table()

"""Schema vocabulary in the words of somebody who writes YAML."""

import json

from ccproxy.jsontypes import Json
from ccproxy.yamltree.nodes import ListNode, MapNode, Node

TYPE_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
RULES = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters long",
    "maxLength": "at most {} characters long",
    "minItems": "a list of at least {}",
    "maxItems": "a list of at most {}",
    "minProperties": "a mapping of at least {}",
    "maxProperties": "a mapping of at most {}",
}

RULE_LABELS = {
    "minimum": "too small",
    "maximum": "too great",
    "exclusiveMinimum": "too small",
    "exclusiveMaximum": "too great",
    "minLength": "too short",
    "maxLength": "too long",
    "minItems": "too few",
    "maxItems": "too many",
    "minProperties": "too few",
    "maxProperties": "too many",
}


def lower_first(words: str) -> str:
    """Begin in lower case, but leave abbreviations alone."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def type_words(types: list[str]) -> str:
    """Join type names: text, a number or a list."""
    words = list(dict.fromkeys(TYPE_WORDS.get(name, name) for name in types))
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"


def found_word(node: Node) -> str:
    """What stands in the file."""
    if isinstance(node, MapNode):
        return "a mapping"
    if isinstance(node, ListNode):
        return "a list"
    if isinstance(node.value, bool):
        return f"`{str(node.value).lower()}`"
    if node.value is None:
        return "nothing" if not node.text else "null"
    return "a number" if isinstance(node.value, int | float) else "text"


def literal(value: Json) -> str:
    """A value as one would write it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def type_advice(node: Node, types: list[str]) -> str:
    """What to type instead, when that is obvious."""
    if isinstance(node, MapNode | ListNode):
        return ""
    value = node.value
    if "string" in types and isinstance(value, int | float):
        return f'write `"{node.text}"`'
    if isinstance(value, str) and _reads_as(value, types):
        return f"write `{value}` without quotes"
    if "array" in types and value is not None:
        return f"write `[{node.text}]`"
    return ""


def _reads_as(text: str, types: list[str]) -> bool:
    if "boolean" in types and text in ("true", "false"):
        return True
    return bool({"integer", "number"} & set(types)) and text.lstrip("-").isdigit()

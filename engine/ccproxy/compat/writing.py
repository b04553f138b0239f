"""Calls as a dialect writes them, so that reading them gives the same arguments again."""

from __future__ import annotations

import html
import json
import keyword
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ccproxy.compat.element_text import CDATA, CDATA_END, decoded
from ccproxy.compat.typed import kind_of, typed

if TYPE_CHECKING:
    from ccproxy.compat.dialects import Dialect
    from ccproxy.compat.toolbox import CallableTool, Toolbox
    from ccproxy.jsontypes import Json

Call = tuple[str, "dict[str, Json] | str"]
_SIMPLE_NAME: Final = re.compile(r"[\w.:$/-]+")


def write_calls(dialect: Dialect, calls: Sequence[Call], toolbox: Toolbox) -> str:
    """All calls of one turn; arguments that are no object stand as they are."""
    written = [_write_call(dialect, name, arguments, toolbox.exact(name)) for name, arguments in calls]
    around = dialect.around
    return around.begin + around.join.join(written) + around.end


def _write_call(dialect: Dialect, name: str, arguments: dict[str, Json] | str, tool: CallableTool | None) -> str:
    body = _body(dialect, name, arguments, tool)
    end = dialect.end if body or not dialect.begin.endswith("\n") else dialect.end.removeprefix("\n")
    return dialect.begin.replace("{name}", name) + body + end


def _body(dialect: Dialect, name: str, arguments: dict[str, Json] | str, tool: CallableTool | None) -> str:
    match dialect.syntax:
        case "call_json":
            return spaced_json({dialect.name_field: name, dialect.arguments_field: arguments})
        case "pythonic":
            return _python(name, arguments)
        case "elements" if isinstance(arguments, dict):
            elements = _elements(dialect, arguments, tool)
            return elements if elements is not None else spaced_json(arguments)
    return arguments if isinstance(arguments, str) else spaced_json(arguments)


def spaced_json(value: Json) -> str:
    """JSON text as models write it."""
    return json.dumps(value, ensure_ascii=False)


def _elements(dialect: Dialect, arguments: Mapping[str, Json], tool: CallableTool | None) -> str | None:
    """An element for each argument; None when one of them could not be told from another value."""
    shape = dialect.argument
    assert shape is not None
    written: list[str] = []
    for name, value in arguments.items():
        element = _element(dialect, name, value, tool)
        if element is None or not _SIMPLE_NAME.fullmatch(name):
            return None
        written.append(element)
    return shape.join.join(written)


def _element(dialect: Dialect, name: str, value: Json, tool: CallableTool | None) -> str | None:
    shape = dialect.argument
    assert shape is not None
    kinds = tool.kinds(name) if tool else frozenset()
    text = value if isinstance(value, str) else spaced_json(value)
    hints = ("", kind_of(value)) if shape.typed else ("",)
    hint = next((hint for hint in hints if _same(typed(text, kinds, hint), value)), None)
    if hint is None:
        return None
    said = shape.typed.replace("{type}", hint) if hint else ""
    begin = shape.begin.replace("{name}", html.escape(name)).replace("{type}", said)
    return begin + (text if _is_plain(text, begin, dialect) else _cdata(text)) + shape.end


def _same(left: Json, right: Json) -> bool:
    return left == right and kind_of(left) == kind_of(right)


def _is_plain(text: str, begin: str, dialect: Dialect) -> bool:
    """Whether text between tags is read as what it is."""
    if decoded(text) != text or text.lstrip().startswith(CDATA):
        return False
    shape = dialect.argument
    if shape is None or (text[:1] in ("\r", "\n") and not begin.endswith("\n")):
        return False
    signs = [shape.end.strip(), *(end for each in dialect.begins for end in each.ends)]
    signs += [re.split(r"[\s={]", shape.begin, maxsplit=1)[0], *(each.literal for each in dialect.begins)]
    return not any(sign in text for sign in signs)


def _cdata(text: str) -> str:
    return CDATA + text.replace(CDATA_END, "]]" + CDATA_END + CDATA + ">") + CDATA_END


def _python(name: str, arguments: dict[str, Json] | str) -> str:
    if isinstance(arguments, str) or not all(part.isidentifier() for part in name.split(".")):
        return spaced_json({"name": name, "arguments": arguments})
    plain = {key: value for key, value in arguments.items() if key.isidentifier() and not keyword.iskeyword(key)}
    others = {key: value for key, value in arguments.items() if key not in plain}
    given = [f"{key}={value!r}" for key, value in plain.items()]
    return f"{name}({', '.join([*given, *([f'**{others!r}'] if others else [])])})"

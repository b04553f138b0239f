"""YAML nodes -> templates. Misuse of the language becomes diagnostics, never an exception."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic
from ccproxy.diagnostics.suggest import closest
from ccproxy.expr.errors import ExpressionError
from ccproxy.expr.parse import parse_expression
from ccproxy.mapping import template as t
from ccproxy.yamltree.nodes import ListNode, MapNode, Node, ScalarNode, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ccproxy.diagnostics.model import Span
    from ccproxy.yamltree.nodes import Entry

MAIN = ("$match", "$use", "$concat", "$entries", "$first", "$drop", "$reject", "$literal", "$emit", "$then")
WRAPPERS = ("$each", "$let", "$if", "$else", "$none", "$of", "$with", "$name", "$merge", "$copy")
DIRECTIVES = (*MAIN, *WRAPPERS)
# Which companions each main directive may have, beside $each, $let and $if.
COMPANIONS = {
    "$match": ("$none", "$else"),
    "$use": ("$of", "$with"),
    "$entries": ("$name", "$emit"),
    "$emit": (),
    "$then": (),
}
NOTHING: tuple[str, ...] = ()


@dataclass(slots=True)
class TemplateParser:
    """Parses templates of one file and collects what is wrong with them."""

    problems: list[Diagnostic] = field(default_factory=list)

    def parse(self, node: Node) -> t.Template:
        match node:
            case MapNode():
                return self._map(node)
            case ListNode(items=items):
                return t.Array(tuple(self.parse(item) for item in items), node)
            case ScalarNode():
                return self._scalar(node)

    def _scalar(self, node: ScalarNode) -> t.Template:
        if isinstance(node.value, str) and node.value.startswith("="):
            return self._expression(node)
        return t.Literal(node.value, node)

    def _expression(self, node: ScalarNode) -> t.Template:
        text = str(node.value)[1:]
        try:
            return t.Dynamic(parse_expression(text), node)
        except ExpressionError as error:
            place = node.place(1 + error.offset, max(1, error.length))
            self.problems.append(Diagnostic("X301", error.message, place, label="here"))
            return t.Dynamic(parse_expression("null"), node)

    def _map(self, node: MapNode) -> t.Template:
        directives = {entry.key.text: entry for entry in node.entries if entry.key.text.startswith("$")}
        fields = [entry for entry in node.entries if not entry.key.text.startswith("$")]
        self._refuse_unknown(directives)
        used = [name for name in MAIN if name in directives]
        if "$entries" in used and "$emit" in used:
            used.remove("$emit")
        if len(used) > 1:
            self._misuse(
                directives[used[1]].key.span, f"`{used[1]}` cannot stand beside `{used[0]}`", "nest one in the other"
            )
        main = used[0] if used else ""
        body = self._body(main, node, directives, fields)
        return self._wrapped(body, main, node, directives)

    def _refuse_unknown(self, directives: dict[str, Entry]) -> None:
        for name, entry in list(directives.items()):
            if name not in DIRECTIVES:
                near = closest(name, DIRECTIVES)
                self._misuse(
                    entry.key.span,
                    f"unknown directive `{name}`",
                    f"rename it to `{near}`" if near else "directives are listed in mappings/README.md",
                )

    def _misuse(self, span: Span, message: str, help_text: str = "") -> None:
        self.problems.append(Diagnostic("M412", message, span, help=help_text))

    def _body(self, main: str, node: MapNode, directives: dict[str, Entry], fields: list[Entry]) -> t.Template:
        self._refuse_companions(main, directives, fields)
        entry = directives.get(main)
        match main:
            case "$match":
                return self._match(node, directives, fields)
            case "$use":
                return self._use(node, directives)
            case "$concat":
                return t.Array(self._items(directives["$concat"]), node)
            case "$first":
                return t.First(self._items(directives["$first"]), node)
            case "$entries":
                return self._entries(node, directives)
            case "$drop":
                return t.Drop(self._text(directives["$drop"]), node)
            case "$reject":
                return t.Reject(self.parse(directives["$reject"].value), node)
            case "$literal":
                return t.Literal(to_json(directives["$literal"].value), node)
            case "$emit" | "$then" if entry:
                return self.parse(entry.value)
            case _:
                return self._object(node, directives, fields)

    def _refuse_companions(self, main: str, directives: dict[str, Entry], fields: list[Entry]) -> None:
        allowed = COMPANIONS.get(main, ("$merge", "$copy", "$of") if not main else NOTHING)
        for name in ("$none", "$of", "$with", "$name", "$merge", "$copy"):
            if name in directives and name not in allowed:
                place = f"beside `{main}`" if main else "here"
                self._misuse(directives[name].key.span, f"`{name}` has no meaning {place}")
        if "$of" in directives and not main and "$copy" not in directives:
            self._misuse(directives["$of"].key.span, "`$of` has no meaning without `$use` or `$copy`")
        if main and main != "$match":
            for entry in fields:
                self._misuse(
                    entry.key.span,
                    f"the key `{entry.key.text}` cannot stand beside `{main}`",
                    "keys of an output object go under `$emit`, or into an object of their own",
                )

    def _items(self, entry: Entry) -> tuple[t.Template, ...]:
        if isinstance(entry.value, ListNode):
            return tuple(self.parse(item) for item in entry.value.items)
        self._misuse(entry.value.span, f"`{entry.key.text}` wants a list of templates")
        return ()

    def _text(self, entry: Entry) -> str:
        if isinstance(entry.value, ScalarNode) and isinstance(entry.value.value, str) and entry.value.value.strip():
            return entry.value.value
        self._misuse(entry.value.span, f"`{entry.key.text}` wants a reason in words")
        return ""

    def _match(self, node: MapNode, directives: dict[str, Entry], fields: list[Entry]) -> t.Template:
        cases = tuple(t.Case(case_values(entry.key), self.parse(entry.value), entry.key) for entry in fields)
        self._refuse_repeats(cases)
        return t.Match(
            self.parse(directives["$match"].value),
            cases,
            self._optional(directives, "$none"),
            self._optional(directives, "$else"),
            node,
        )

    def _refuse_repeats(self, cases: Iterable[t.Case]) -> None:
        seen: list[object] = []
        for case in cases:
            for value in case.values:
                if (type(value), value) in seen:
                    message = f"the case `{value}` was already handled above"
                    self.problems.append(Diagnostic("M409", message, case.node.span, label="never reached"))
                seen.append((type(value), value))

    def _optional(self, directives: dict[str, Entry], name: str) -> t.Template | None:
        return self.parse(directives[name].value) if name in directives else None

    def _use(self, node: MapNode, directives: dict[str, Entry]) -> t.Template:
        name = directives["$use"].value
        if not isinstance(name, ScalarNode):
            self._misuse(name.span, "`$use` wants the name of a part or table")
            return t.Literal(None, node)
        return t.Use(name, self._optional(directives, "$of"), self._bindings(directives.get("$with")), node)

    def _bindings(self, entry: Entry | None) -> tuple[t.Field, ...]:
        if entry is None:
            return ()
        if not isinstance(entry.value, MapNode):
            self._misuse(entry.value.span, f"`{entry.key.text}` wants names and their values")
            return ()
        return tuple(t.Field(item.key.text, self.parse(item.value), item.key) for item in entry.value.entries)

    def _entries(self, node: MapNode, directives: dict[str, Entry]) -> t.Template:
        body = self._optional(directives, "$emit")
        if body is None:
            self._misuse(
                directives["$entries"].key.span, "`$entries` needs `$emit`", "say under `$emit` what each value becomes"
            )
            body = t.Literal(None, node)
        return t.Entries(self.parse(directives["$entries"].value), self._optional(directives, "$name"), body, node)

    def _object(self, node: MapNode, directives: dict[str, Entry], fields: list[Entry]) -> t.Template:
        merge: tuple[t.Template, ...] = ()
        if "$merge" in directives:
            value = directives["$merge"].value
            merge = tuple(self.parse(item) for item in (value.items if isinstance(value, ListNode) else (value,)))
        copy = self._copy(directives) if "$copy" in directives else None
        return t.Object(merge, copy, tuple(t.Field(e.key.text, self.parse(e.value), e.key) for e in fields), node)

    def _copy(self, directives: dict[str, Entry]) -> t.Copy:
        entry = directives["$copy"]
        names = entry.value.items if isinstance(entry.value, ListNode) else ()
        scalars = tuple(name for name in names if isinstance(name, ScalarNode) and isinstance(name.value, str))
        if not scalars or len(scalars) != len(names):
            self._misuse(entry.value.span, "`$copy` wants a list of field names")
        return t.Copy(scalars, self._optional(directives, "$of"))

    def _wrapped(self, body: t.Template, main: str, node: MapNode, directives: dict[str, Entry]) -> t.Template:
        if "$if" in directives:
            otherwise = None if main == "$match" else self._optional(directives, "$else")
            body = t.If(self.parse(directives["$if"].value), body, otherwise, node)
        elif "$else" in directives and main != "$match":
            self._misuse(directives["$else"].key.span, "`$else` has no meaning without `$if` or `$match`")
        elif main == "$then":
            self._misuse(directives["$then"].key.span, "`$then` has no meaning without `$if`")
        if "$let" in directives:
            body = t.Let(self._bindings(directives["$let"]), body, node)
        if "$each" in directives:
            body = t.Each(self.parse(directives["$each"].value), body, node)
        return body


def case_values(key: ScalarNode) -> tuple[str | int | float | bool, ...]:
    """The values of one case: `a|b` are alternatives; unquoted true, false and numbers are typed."""
    if isinstance(key.value, str):
        return tuple(part.strip() for part in key.value.split("|"))
    return () if key.value is None else (key.value,)

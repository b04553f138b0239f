"""Static facts about templates that decide how they are compiled."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ccproxy.mapping import template as t

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def is_certain(template: t.Template) -> bool:
    """Whether the template always yields a value (a literal null counts)."""
    match template:
        case t.Literal() | t.Array():
            return True
        case t.Object(fields=fields, merge=merge, copy=copy):
            return not (fields or merge or copy) or any(is_certain(field.value) for field in fields)
        case t.Let(body=body):
            return is_certain(body)
        case t.If(then=then, otherwise=otherwise):
            return otherwise is not None and is_certain(then) and is_certain(otherwise)
        case t.Match(cases=cases, none=none, otherwise=otherwise):
            bodies = [case.body for case in cases] + ([none] if none else [])
            return otherwise is not None and all(is_certain(body) for body in [*bodies, otherwise])
        case t.First(options=options):
            return bool(options) and is_certain(options[-1])
        case _:
            return False


class PartFacts:
    """Answers about templates that look through parts (which may be recursive)."""

    def __init__(self, parts: Mapping[str, t.Template]) -> None:
        self._parts = parts
        self._writes_null: dict[str, bool] = {}
        self._is_many: dict[str, bool] = {}
        self._free: dict[str, frozenset[str]] = {}

    def writes_null(self, template: t.Template) -> bool:
        """Whether a literal null may be the result."""
        match template:
            case t.Literal(value=value):
                return value is None
            case t.If(then=then, otherwise=otherwise):
                return self.writes_null(then) or (otherwise is not None and self.writes_null(otherwise))
            case t.Match(cases=cases, none=none, otherwise=otherwise):
                bodies = [case.body for case in cases] + [body for body in (none, otherwise) if body]
                return any(self.writes_null(body) for body in bodies)
            case t.Let(body=body):
                return self.writes_null(body)
            case t.First(options=options):
                return any(self.writes_null(option) for option in options)
            case t.Use(name=name):
                return self._through(str(name.value), self._writes_null, self.writes_null)
            case _:
                return False

    def is_many(self, template: t.Template) -> bool:
        """Whether the template is flattened in list context."""
        match template:
            case t.Array() | t.Each():
                return True
            case t.If(then=then, otherwise=otherwise):
                return self.is_many(then) or (otherwise is not None and self.is_many(otherwise))
            case t.Match(cases=cases, none=none, otherwise=otherwise):
                bodies = [case.body for case in cases] + [body for body in (none, otherwise) if body]
                return any(self.is_many(body) for body in bodies)
            case t.Let(body=body):
                return self.is_many(body)
            case t.Use(name=name):
                return self._through(str(name.value), self._is_many, self.is_many)
            case _:
                return False

    def free_variables(self, name: str) -> frozenset[str]:
        """Variables a part reads but does not bind itself: its parameters."""
        if name not in self._free:
            part = self._parts.get(name)
            self._free[name] = free_variables(part, frozenset()) if part else frozenset()
        return self._free[name]

    def _through(self, name: str, known: dict[str, bool], question: object) -> bool:
        if name not in known:
            known[name] = False  # a recursive use adds nothing of its own
            part = self._parts.get(name)
            if part is not None and callable(question):
                known[name] = bool(question(part))
        return known[name]


def free_variables(template: t.Template, bound: frozenset[str]) -> frozenset[str]:
    """Names of variables that the template reads and nothing inside it binds."""
    match template:
        case t.Dynamic(expression=expression):
            return frozenset(expression.variables) - bound
        case t.Each(source=source, body=body):
            return free_variables(source, bound) | free_variables(body, bound | {"index", "item"})
        case t.Entries(source=source, name=name, body=body):
            inner = bound | {"key", "value"}
            found = free_variables(source, bound) | free_variables(body, inner)
            return found | free_variables(name, inner) if name else found
        case t.Let(bindings=bindings, body=body):
            named: frozenset[str] = frozenset()
            for binding in bindings:
                named |= free_variables(binding.value, bound)
                bound |= {binding.key}
            return named | free_variables(body, bound)
        case _:
            return frozenset[str]().union(*(free_variables(child, bound) for child in t.children(template)))


def inlined_parts(parts: Mapping[str, t.Template], roots: Iterable[t.Template]) -> frozenset[str]:
    """Parts that are written in place: those used once, and those of a single expression."""
    templates = [inner for root in [*parts.values(), *roots] for inner in t.walk(root)]
    uses = Counter(str(template.name.value) for template in templates if isinstance(template, t.Use))
    return frozenset(name for name, part in parts.items() if uses[name] == 1 or isinstance(part, t.Dynamic))

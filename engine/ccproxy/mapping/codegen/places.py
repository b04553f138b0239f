"""Where in the output each part stands, so that what a part drops is reported as the field that lacks it."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, TypeAlias

from ccproxy.mapping import template as t

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Path: TypeAlias = tuple[str, ...]


def places_of_parts(parts: Mapping[str, t.Template], roots: Iterable[t.Template]) -> dict[str, Path]:
    """The one field that a part's uses have in common; all their outermost fields where they have none."""
    found: dict[str, set[Path]] = {}
    for root in roots:
        _visit(root, (), parts, found, frozenset())
    return {name: _common(places) for name, places in found.items()}


def _visit(
    template: t.Template,
    path: Path,
    parts: Mapping[str, t.Template],
    found: dict[str, set[Path]],
    inside: frozenset[str],
) -> None:
    """Note the place of every use; a part that uses itself adds nothing of its own."""
    if isinstance(template, t.Use):
        name = str(template.name.value)
        places = found.setdefault(name, set())
        if name in parts and name not in inside and path not in places:
            places.add(path)
            _visit(parts[name], path, parts, found, inside | {name})
    for place, child in _steps(template, path):
        _visit(child, place, parts, found, inside)


def _steps(template: t.Template, path: Path) -> Iterator[tuple[Path, t.Template]]:
    """What is directly inside a template, and where it goes: a variable where it is read."""
    match template:
        case t.Object(fields=fields, merge=merge):
            yield from (((*path, field.key), field.value) for field in fields)
            yield from ((path, spread) for spread in merge)
        case t.Match(cases=cases, none=none, otherwise=otherwise):
            yield from (((*path, str(case.node.value)), case.body) for case in cases)
            yield from ((path, body) for body in (none, otherwise) if body)
        case t.Let(bindings=bindings, body=body):
            yield path, body
            yield from ((_common(set(_readers(body, path, name.key))) or path, name.value) for name in bindings)
        case _:
            yield from ((path, child) for child in t.children(template))


def _readers(template: t.Template, path: Path, variable: str) -> Iterator[Path]:
    """Places of the expressions that read a variable."""
    if isinstance(template, t.Dynamic):
        if variable in template.expression.variables:
            yield path
        return
    for place, child in _steps(template, path):
        yield from _readers(child, place, variable)


def _common(places: set[Path]) -> Path:
    same = takewhile(lambda steps: len(set(steps)) == 1, zip(*places, strict=False))
    shared = tuple(steps[0] for steps in same)
    outermost = sorted({path[0] for path in places if path})
    return shared or (("|".join(outermost),) if outermost else ())

"""Names: parts and tables that are used but not there, or there but not used; the values that parts are given."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic, Related
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.mapping import template as t
from ccproxy.mapping.check.vocabulary import looks_misspelt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ccproxy.mapping.model import Part, Table
    from ccproxy.yamltree.nodes import ScalarNode


@dataclass(slots=True)
class Uses:
    """Every `$use` of a folder by the name it uses, and the functions its expressions call."""

    by_name: dict[str, list[t.Use]] = field(default_factory=lambda: defaultdict(list))
    functions: set[str] = field(default_factory=set)

    def add(self, template: t.Template) -> None:
        for each in t.walk(template):
            if isinstance(each, t.Use):
                self.by_name[str(each.name.value)].append(each)
            elif isinstance(each, t.Dynamic):
                self.functions |= each.expression.functions

    @property
    def names(self) -> set[str]:
        return self.by_name.keys() | self.functions


def uses_of(templates: Collection[t.Template]) -> Uses:
    uses = Uses()
    for template in templates:
        uses.add(template)
    return uses


def reachable_parts(roots: Collection[t.Template], parts: Mapping[str, Part]) -> set[str]:
    """Parts that some transform uses, directly or through other parts."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        for name in uses_of([waiting.pop()]).by_name:
            if name in parts and name not in found:
                found.add(name)
                waiting.append(parts[name].template)
    return found


# ---- parts and tables -------------------------------------------------------------------------------


def check_references(
    roots: Collection[t.Template], parts: Mapping[str, Part], tables: Mapping[str, Table], vocabulary: Mapping[str, int]
) -> Iterator[Diagnostic]:
    """Report unknown and unused parts; a part misspelt where it is defined is one mistake."""
    uses = uses_of([*roots, *(part.template for part in parts.values())])
    unknown = {name: found for name, found in uses.by_name.items() if name not in parts and name not in tables}
    reached = reachable_parts(roots, parts)
    unused = [part for name, part in parts.items() if name not in reached]
    for part in unused:
        meant = closest(part.name, unknown)
        if meant and (len(unknown[meant]) > 1 or looks_misspelt(part.name, meant, vocabulary)):
            yield _misspelt_part(part, meant, unknown.pop(meant)[0])
        elif not meant and not _used_by(part, unused):
            yield _unused_part(part)
    for name, found in unknown.items():
        for use in found:
            yield _unknown_part(name, use, parts, tables)


def _used_by(part: Part, others: list[Part]) -> bool:
    return any(part.name in uses_of([other.template]).by_name for other in others if other is not part)


def _misspelt_part(part: Part, meant: str, use: t.Use) -> Diagnostic:
    return Diagnostic(
        "M403",
        f"unknown part `{meant}`, while `{part.name}` is never used",
        part.node.span,
        label="nothing uses a part of this name",
        help=f"rename it to `{meant}`",
        related=(Related(use.name.span, f"`{meant}` is used here"),),
        suggestion=meant,
    )


def _unused_part(part: Part) -> Diagnostic:
    return Diagnostic(
        "M405", f"unused part `{part.name}`", part.node.span, label="no transform uses it", help="delete it, or use it"
    )


def _unknown_part(name: str, use: t.Use, parts: Mapping[str, Part], tables: Mapping[str, Table]) -> Diagnostic:
    meant = closest(name, [*parts, *tables])
    place = parts[meant].node if meant is not None and meant in parts else None
    is_table = meant is not None and meant not in parts
    return Diagnostic(
        "M404" if is_table else "M403",
        f"unknown {'table' if is_table else 'part'} `{name}`",
        use.name.span,
        label="neither a part of this protocol nor a shared table has this name",
        help=f"write `{meant}`" if meant else f"the parts here: {quoted_list(sorted(parts), 'and')}",
        related=(Related(place.span, "the closest name is defined here"),) if place else (),
        suggestion=meant or "",
    )


def check_tables(tables: Mapping[str, Table], used: Collection[str]) -> Iterator[Diagnostic]:
    """Report tables that no mapping asks."""
    for table in tables.values():
        entry = table.node.entry("table")
        if table.name not in used:
            yield Diagnostic(
                "M416",
                f"unused table `{table.name}`",
                entry.value.span if entry else table.node.span,
                label="no mapping uses it",
                help="delete the file, or use the table",
                severity="warning",
            )


# ---- values that parts are given --------------------------------------------------------------------


def given_names(uses: Uses, parts: Mapping[str, Part]) -> Mapping[str, frozenset[str]]:
    """For every part the names that some use gives it."""
    return {
        name: frozenset(argument.key for use in found for argument in use.arguments)
        for name, found in uses.by_name.items()
        if name in parts
    }


def check_arguments(uses: Uses, wanted: Mapping[str, frozenset[str]]) -> Iterator[Diagnostic]:
    """Report values that every use but one gives a part, and values that the part does not read."""
    for name, parameters in wanted.items():
        found = uses.by_name.get(name, [])
        counts = Counter(argument.key for use in found for argument in use.arguments)
        usual = {parameter for parameter in parameters if counts[parameter] == len(found) - 1 >= 2}
        for use in found:
            own = {argument.key for argument in use.arguments}
            missing = sorted(usual - own)
            for argument in use.arguments:
                if argument.key not in parameters:
                    meant = closest(argument.key, missing) or closest(argument.key, parameters - own)
                    missing = [each for each in missing if each != meant]
                    yield _unread_argument(name, argument.node, meant)
            if missing:
                yield _missing_arguments(name, use, missing)


def _unread_argument(part: str, node: ScalarNode, meant: str | None) -> Diagnostic:
    return Diagnostic(
        "M415",
        f"unused name `{node.text}`: part `{part}` does not read it",
        node.span,
        label="given for nothing",
        help=f"rename it to `{meant}`" if meant else "delete it",
        suggestion=meant or "",
    )


def _missing_arguments(part: str, use: t.Use, missing: list[str]) -> Diagnostic:
    listed = quoted_list([f"${name}" for name in missing], "and")
    return Diagnostic(
        "M414",
        f"part `{part}` is not given {listed}",
        use.name.span,
        label=f"the part reads {listed}, and all other uses give it",
        help=f"add `$with: {{ {', '.join(f'{name}: …' for name in missing)} }}`",
    )

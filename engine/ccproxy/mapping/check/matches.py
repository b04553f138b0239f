"""`$match`: cases that nothing reaches, values that no case handles, and what each case knows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic, Related
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.expr.check.narrowing import where_equal, where_nothing, where_other
from ccproxy.mapping import template as t
from ccproxy.mapping.check.nodes import key_span
from ccproxy.mapping.check.ordering import place_of_missing, word_order
from ccproxy.mapping.check.target import ASIDE
from ccproxy.shapes.nodes import Value, literal_node
from ccproxy.shapes.shape import Shape, union

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json
    from ccproxy.mapping.check.flow import Flow
    from ccproxy.mapping.check.scope import Scope
    from ccproxy.mapping.check.target import Target
    from ccproxy.shapes.nodes import Scalar


def check_match(flow: Flow, template: t.Match, scope: Scope, target: Target) -> Shape:
    """Check the subject, then each case with what it knows."""
    subject = flow.shape(template.subject, scope.under(scope.anchor, whole=False), ASIDE)
    _check_cases(flow, template, subject)
    handled = [value for case in template.cases for value in case.values if not isinstance(value, dict | list)]
    results = [
        flow.shape(case.body, _case_scope(template, case, scope), target)
        for case in template.cases
        if any(_possible(subject, value) for value in case.values)
    ]
    if template.none:
        span = key_span(template, "$none") or scope.anchor
        results.append(flow.shape(template.none, _none_scope(template, scope).under(span), target))
    rest = _rest_scope(template, handled, scope)
    if template.otherwise:
        span = key_span(template, "$else") or scope.anchor
        results.append(flow.shape(template.otherwise, rest.under(span), target))
    else:
        _check_complete(flow, template, subject, handled, rest)
    return union(*results) if results else Shape.any()


def _case_scope(template: t.Match, case: t.Case, scope: Scope) -> Scope:
    words = [value for value in case.values if not isinstance(value, dict | list)]
    if isinstance(template.subject, t.Dynamic):
        env = where_equal(template.subject.expression.ast, words, scope.static.environment())
        scope = scope.within(scope.static.within(env))
    return scope.under(case.node.span)


def _none_scope(template: t.Match, scope: Scope) -> Scope:
    if not isinstance(template.subject, t.Dynamic):
        return scope
    return scope.within(scope.static.within(where_nothing(template.subject.expression.ast, scope.static.environment())))


def _rest_scope(template: t.Match, handled: list[Scalar], scope: Scope) -> Scope:
    """What is left for `$else`. Where nothing is left, it is checked as if all came there."""
    if not isinstance(template.subject, t.Dynamic):
        return scope
    env = where_other(template.subject.expression.ast, handled, scope.static.environment())
    return scope if env.context.is_nothing else scope.within(scope.static.within(env))


def _possible(subject: Shape, value: Json) -> bool:
    """Whether the subject may ever be the value."""
    if subject.is_any or subject.is_nothing or isinstance(value, dict | list):
        return True
    wanted = literal_node(value)
    kinds = wanted.kinds | ({"number", "integer"} if wanted.kinds & {"number", "integer"} else set())
    return any(node == wanted or (not isinstance(node, Value) and kinds & node.kinds) for node in subject.nodes)


def _check_cases(flow: Flow, template: t.Match, subject: Shape) -> None:
    if subject.is_any:
        return
    for case in template.cases:
        flow.findings.visit(case.node.span, "source")
        gone = [value for value in case.values if not _possible(subject, value)]
        for value in gone[:1]:
            flow.findings.maybe(case.node.span, "source", _unreachable(template, case, value, subject))


def _unreachable(template: t.Match, case: t.Case, value: Json, subject: Shape) -> Diagnostic:
    names = sorted(str(word) for word in subject.without("null").literals())
    used = [str(word) for each in template.cases for word in each.values]
    meant = closest(str(value), names, used)
    offset = max(0, case.node.text.find(str(value)))
    free = [name for name in names if name not in used]
    listed = f"it can be {quoted_list(free or names)}" if names else ""
    return Diagnostic(
        "M409",
        f"{_called(template)} is never `{value}`",
        case.node.place(offset, len(str(value))),
        label="nothing reaches this case",
        help=f"rename it to `{meant}`" if meant else listed,
        suggestion=meant or "",
    )


def _called(template: t.Match) -> str:
    if isinstance(template.subject, t.Dynamic):
        text = " ".join(template.subject.expression.text.split())
        return f"`{text}`" if len(text) < 40 else "the matched value"
    return "the matched value"


def _check_complete(flow: Flow, template: t.Match, subject: Shape, handled: list[Scalar], rest: Scope) -> None:
    values = closed_values(subject)
    done = {literal_node(value) for value in handled}
    missing = sorted(as_key(value) for value in values if literal_node(value) not in done)
    if not missing:
        return
    flow.replaced(rest)
    written = [case for case in template.cases if any(not _possible(subject, value) for value in case.values)]
    if any(closest(str(value), missing) for case in written for value in case.values):
        return  # a misspelt case; renaming it handles the value
    flow.findings.sure(_incomplete(template, missing, [as_key(value) for value in values], rest))


def _incomplete(template: t.Match, missing: list[str], values: list[str], scope: Scope) -> Diagnostic:
    """Told at the case before which the schema lists the first missing value."""
    matched = key_span(template, "$match") or template.node.span
    cases = [(as_key(value), case.node.span) for case in template.cases for value in case.values]
    order = word_order(scope.given or scope.context, values)
    near = _usual([place_of_missing(word, cases, order) for word in missing])
    listed = quoted_list(missing, "and")
    word = "case" if len(missing) == 1 else "cases"
    return Diagnostic(
        "M402",
        f"{_called(template)} may be {quoted_list(missing)}, which no case handles",
        near or matched,
        label=f"no {word} for {listed}" + (" beside this one" if near else ""),
        help=f"add {quoted_list([f'{name}:' for name in missing], 'and')}, or `$else:`",
        related=(Related(matched, "matched here"),) if near else (),
    )


def _usual(places: list[Span | None]) -> Span | None:
    """Where more than half of the missing values would stand."""
    counts = Counter(place for place in places if place)
    most = max(counts, key=lambda place: counts[place], default=None)
    return most if most and counts[most] * 2 > len(places) else None


def closed_values(subject: Shape) -> frozenset[Scalar]:
    """Every value that the subject may have, when they can be counted."""
    present = subject.without("null")
    if present.kinds() == {"boolean"}:
        return frozenset((True, False))
    return present.enum() or frozenset()


def as_key(value: Json) -> str:
    """A value as it is written as a case."""
    return str(value).lower() if isinstance(value, bool) else str(value)

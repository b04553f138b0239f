"""Templates, interpreted: the second back-end of the mapping language. Slow, and knows where everything comes from.

What it computes is what generated code computes, for every message; a test holds the two together.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from ccproxy.conversion.errors import MappingFailure
from ccproxy.expr.emit import Want
from ccproxy.expr.missing import MISSING
from ccproxy.mapping import template as t
from ccproxy.mapping.analysis import PartFacts
from ccproxy.mapping.codegen.runtime import Rejection, look_up
from ccproxy.mapping.codegen.scope import ENGINE_VARIABLES
from ccproxy.trace.history import histories, result_of
from ccproxy.trace.made import Made, Note, Path, Ref, notes_of, under
from ccproxy.trace.objects import made_entries, made_object
from ccproxy.trace.reading import Reading, read_expression
from ccproxy.trace.scope import exact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ccproxy.diagnostics.model import Span
    from ccproxy.expr.missing import Value
    from ccproxy.mapping.model import Table
    from ccproxy.trace.evaluation import Evaluator
    from ccproxy.trace.scope import Scope

    Settled = tuple[t.Template, Scope]


class Loss(NamedTuple):
    """A `$drop` that was reached."""

    label: str
    reason: str
    place: Span


@dataclass(slots=True)
class Interpreter:
    """Interprets the templates of one protocol folder or quirk. Who reads `losses` takes them out.

    `placing` says where in the output each part stands, and `inline` which parts are written in place, both as for
    generated code: the loss report names fields by them.
    """

    evaluator: Evaluator
    parts: Mapping[str, t.Template]
    placing: Mapping[str, tuple[str, ...]]
    inline: frozenset[str]
    losses: list[Loss] = field(default_factory=list)
    _facts: PartFacts = field(init=False)

    def __post_init__(self) -> None:
        self._facts = PartFacts(self.parts)

    @property
    def tables(self) -> Mapping[str, Table]:
        return self.evaluator.tables

    # ---- one value ------------------------------------------------------------------------------

    def value(self, template: t.Template, scope: Scope) -> Made | None:
        """What the template comes to; None is nothing."""
        settled = self.settled(template, scope)
        return None if settled is None else self._leaf(*settled)

    def settled(self, template: t.Template, scope: Scope, *, enter: bool = True) -> Settled | None:
        """The template at the end of all choices and parts; None where there is nothing.

        Unless they are to be entered, it may be the use of a part that is not written in place.
        """
        while True:
            match template:
                case t.If(condition=condition, then=then, otherwise=otherwise):
                    holds, read = self._holds(condition, scope)
                    scope = scope.given(read)
                    if not holds and otherwise is None:
                        return None
                    template = then if holds or otherwise is None else otherwise
                case t.Match():
                    chosen = self._chosen(template, scope)
                    if chosen is None:
                        return None
                    template, scope = chosen
                case t.Let(bindings=bindings, body=body):
                    for binding in bindings:
                        scope = scope.bind(**{binding.key: self.binding(binding.value, scope)})
                    template = body
                case t.Use() if self.is_part(template) and (enter or self.is_in_place(template, scope)):
                    entered = self.entered(template, scope)
                    if entered is None:
                        return None
                    template, scope = entered
                case t.Drop(reason=reason):
                    label = ".".join(scope.label)
                    scope.conversion.dropped.append((label, reason))
                    self.losses.append(Loss(label, reason, template.node.span))
                    return None
                case t.Reject(error=error):
                    made = self.value(error, scope)
                    raise Rejection(made.value if made is not None and isinstance(made.value, dict) else {})
                case _:
                    return template, scope

    def binding(self, template: t.Template, scope: Scope) -> Made | None:
        """The value of a variable, in which nothing and null differ."""
        if isinstance(template, t.Dynamic):
            value, found = self._evaluated(template, Want.VALUE, scope)
            return None if value is MISSING else result_of(value, found, template.node.span, scope)
        return self.value(template, scope)

    def items(self, template: t.Each, scope: Scope) -> Iterator[Made] | None:
        """What an `$each` runs over; None for nothing."""
        if isinstance(template.source, t.Dynamic):
            value, found = self._evaluated(template.source, Want.ITEMS, scope)
            if not isinstance(value, list):
                return None
            return histories(value, found, template.source.node.span, scope)
        made = self.value(template.source, scope)
        if made is None:
            return None
        if isinstance(made.value, list):
            return (made.part(item, (number,)) for number, item in enumerate(made.value))
        return iter((made,))

    def _leaf(self, template: t.Template, scope: Scope) -> Made | None:
        match template:
            case t.Literal(value=value):
                return Made(deepcopy(value), None, {(): scope.note(template.node.span)})
            case t.Dynamic():
                result, found = self._evaluated(template, Want.LOOSE, scope)
                if result is None or result is MISSING:
                    return None
                return result_of(result, found, template.node.span, scope)
            case t.Object():
                return made_object(self, template, scope)
            case t.Array(items=items):
                return self._list([made for item in items for made in self.outputs(item, scope)], template, scope)
            case t.Each():
                return self._each(template, scope)
            case t.Use():
                return self._table(template, scope)
            case t.Entries():
                return made_entries(self, template, scope)
            case t.First(options=options):
                made = (self.value(option, scope) for option in options)
                return next((option for option in made if option is not None), None)
            case _:
                raise AssertionError(f"not a leaf: {template}")

    # ---- a list of outputs ----------------------------------------------------------------------

    def outputs(self, template: t.Template, scope: Scope) -> Iterator[Made]:
        """What the template adds to a list: lists of templates inside it are joined."""
        settled = self.settled(template, scope)
        if settled is None:
            return
        match settled[0]:
            case t.Array(items=items):
                for item in items:
                    yield from self.outputs(item, settled[1])
            case t.Each(body=body) as each:
                for inner in self.over_items(each, settled[1]):
                    yield from self.outputs(body, inner)
            case leaf:
                made = self._leaf(leaf, settled[1])
                if made is not None:
                    yield made

    def over_items(self, template: t.Each, scope: Scope) -> Iterator[Scope]:
        """The scope of each item of an `$each`."""
        for number, item in enumerate(self.items(template, scope) or ()):
            yield scope.over(item, item=item, index=Made(number))

    def _list(self, outputs: list[Made], template: t.Template, scope: Scope) -> Made:
        notes: dict[Path, Note] = {(): scope.note(template.node.span)}
        for number, made in enumerate(outputs):
            notes |= under(number, notes_of(made))
        return Made([made.value for made in outputs], None, notes)

    def _each(self, template: t.Each, scope: Scope) -> Made | None:
        items = self.items(template, scope)
        if items is None:
            return None
        made = [
            output
            for number, item in enumerate(items)
            for output in self.outputs(template.body, scope.over(item, item=item, index=Made(number)))
        ]
        return self._list(made, template, scope)

    # ---- parts, tables, choices -----------------------------------------------------------------

    def is_part(self, template: t.Use) -> bool:
        return str(template.name.value) in self.parts

    def is_in_place(self, template: t.Use, scope: Scope) -> bool:
        """Whether generated code has the part's body where it is used."""
        is_object = scope.context is not None and isinstance(scope.context.value, dict)
        return str(template.name.value) in self.inline and template.of is None and is_object

    def entered(self, template: t.Use, scope: Scope) -> Settled | None:
        """The body of a part and what it sees: its parameters and the engine's variables, nothing else."""
        name = str(template.name.value)
        context = scope.context if template.of is None else self.value(template.of, scope)
        if template.of is not None and context is None:
            return None
        given = {argument.key: argument.value for argument in template.arguments}
        parameters = sorted(self._facts.free_variables(name) - set(ENGINE_VARIABLES))
        names = {
            parameter: self.binding(given[parameter], scope) if parameter in given else None for parameter in parameters
        }
        label = self.placing.get(name) or (scope.label if self.is_in_place(template, scope) else ()) or (name,)
        entered = replace(scope, context=context, names=names, label=label, via=(*scope.via, template.node.span))
        return self.parts[name], entered

    def _table(self, template: t.Use, scope: Scope) -> Made | None:
        table = self.tables[str(template.name.value)]
        of = scope.context if template.of is None else self.value(template.of, scope)
        if template.of is not None and of is None:
            return None
        value = look_up(table.values, of.value if of else None, table.default)
        if value is None:
            return None
        entry = table.node.get("values")
        place = next((e.key.span for e in getattr(entry, "entries", ()) if of and e.key.value == of.value), None)
        inner = replace(scope, via=(*scope.via, template.node.span))
        return Made(value, None, {(): inner.note(place or table.node.span, of.refs(()) if of else ())})

    def _holds(self, condition: t.Template, scope: Scope) -> tuple[bool, tuple[Ref, ...]]:
        if isinstance(condition, t.Dynamic):
            value, found = self._evaluated(condition, Want.TRUTH, scope)
            return bool(value), (*found.sources, *found.conditions)
        made = self.value(condition, scope)
        return bool(made is not None and (made.value is None or made.value)), ()

    def _chosen(self, template: t.Match, scope: Scope) -> Settled | None:
        made = self.value(template.subject, scope)
        subject = made.value if made is not None else None
        if made is not None:
            note = made.notes.get(())
            scope = scope.given(made.refs(()) + (note.conditions if note else ()))
        for case in template.cases:
            if any(subject is value if isinstance(value, bool) else subject == value for value in case.values):
                return case.body, scope.labelled(str(case.node.value))
        body = template.none if subject is None and template.none is not None else template.otherwise
        return None if body is None else (body, scope)

    # ---- expressions ----------------------------------------------------------------------------

    def _evaluated(self, template: t.Dynamic, want: Want, scope: Scope) -> tuple[Value, Reading]:
        names = scope.named(template.expression.variables)
        variables = {name: exact(made) for name, made in names.items()}
        try:
            value = self.evaluator.run(template.expression, want, exact(scope.context), variables)
        except Exception as failure:
            raise MappingFailure(failure, template.node.span) from failure
        return value, read_expression(template.expression.ast, scope.context, names, self.evaluator)

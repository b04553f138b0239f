"""Small random expressions over random JSON give what jsonata-python gives."""

from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from ccproxy.expr import border
from ccproxy.expr.compile import CompiledExpression, compiled_expression
from ccproxy.expr.emit import Want
from ccproxy.expr.errors import ExpressionError, ExpressionFailure
from ccproxy.expr.missing import MISSING
from ccproxy.expr.suite_report import Outcome

NAMES = st.sampled_from(["a", "b", "c"])
NUMBERS = st.integers(-3, 3) | st.sampled_from([0.5, 2.0, 1e20])
SCALARS = st.none() | st.booleans() | NUMBERS | st.sampled_from(["", "a", "b", "a b"])
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
LITERALS = st.sampled_from(["0", "1", "2", "-1", "0.5", "''", "'a'", "'b'", "true", "false", "null", "[]", "{}"])
OPERATORS = st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "and", "or", "&", "in"])
ONE_ARGUMENT = st.sampled_from(
    ["exists", "not", "boolean", "count", "string", "type", "length", "lowercase", "trim", "keys", "sum", "max",
     "number", "merge", "abs", "floor", "reverse", "spread"]
)  # fmt: skip
TWO_ARGUMENTS = st.sampled_from(["append", "contains", "join", "split", "substring", "substringBefore", "lookup"])
VARIABLES = st.sampled_from(["$", "$$", "$x"])
LEAVES = NAMES | LITERALS | VARIABLES


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({}.{})".format, inner, NAMES),
        st.builds("{}.{}.{}".format, NAMES, NAMES, NAMES),
        st.builds("$x.{}[{}]".format, NAMES, inner),
        st.builds("{}[{}]".format, NAMES, inner),
        st.builds("({})[{}]".format, inner, st.sampled_from(["0", "-1", "1", "a=1", "b", "a>0"])),
        st.builds("{}.({})".format, NAMES, inner),
        st.builds("{}.{{'n': {}}}".format, NAMES, inner),
        st.builds("({} {} {})".format, inner, OPERATORS, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("({} ?? {})".format, inner, inner),
        st.builds("({} ?: {})".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{'a': {}, 'b': {}}}".format, inner, inner),
        st.builds("${}({})".format, ONE_ARGUMENT, inner),
        st.builds("${}({}, {})".format, TWO_ARGUMENTS, inner, inner),
        st.builds("$map({}, function($v, $i) {{ $v.({}) }})".format, inner, inner),
        st.builds("$filter({}, function($v) {{ {} = $v }})".format, inner, inner),
        st.builds("($y := {}; $y = {})".format, inner, inner),
        st.builds("{}[]".format, NAMES),
        st.builds("-({})".format, inner),
    )


EXPRESSIONS = st.recursive(LEAVES, _wider, max_leaves=5)


def _outcome(action) -> Outcome:
    try:
        return Outcome(action())
    except ExpressionFailure as error:
        return Outcome(error=error.code)


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS, JSON, JSON)
def test_compiled_agrees_with_evaluated(text, context, x) -> None:
    assume("{" not in text or "[]" not in repr((context, x)))  # the reference writes into empty arrays
    before = repr((context, x))
    compiled = _compiled(text)

    ours = _outcome(lambda: compiled.run(context, {"x": x}))
    reference = _outcome(lambda: border.evaluate(border.evaluator(text), context, {"x": x}, {}))

    assert before == repr((context, x)), "inputs were changed"
    assert _comparable(reference) == _comparable(ours), compiled.source


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS, JSON)
def test_wants_agree_with_each_other(text, context) -> None:
    value = _outcome(lambda: _compiled(text).run(context, {}))
    loose = _outcome(lambda: compiled_expression(text, want=Want.LOOSE).run(context, {}))
    truth = _outcome(lambda: bool(compiled_expression(text, want=Want.TRUTH).run(context, {})))
    expected_truth = _outcome(lambda: compiled_expression(f"$boolean({text})").run(context, {}))

    assert loose.error == value.error
    if value.error:
        return
    assert repr(loose.value) == repr(None if value.value is MISSING else value.value)
    assert bool(expected_truth.value) == truth.value or truth.error == expected_truth.error != ""


def _compiled(text: str, want: Want = Want.VALUE) -> CompiledExpression:
    try:
        return compiled_expression(text, want=want)
    except ExpressionError:
        reject()


def _comparable(outcome: Outcome) -> object:
    """Which of two errors comes first is not part of the agreement."""
    return "error" if outcome.error else repr(outcome.value)

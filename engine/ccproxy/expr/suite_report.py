"""Runs JSONata's official suite through compiled expressions and through jsonata-python itself, and compares.

python -m ccproxy.expr.suite_report ../shared/jsonata-suite
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jsonata.jexception import JException
from jsonata.jsonata import Jsonata

from ccproxy.expr import border
from ccproxy.expr.compile import compiled_expression
from ccproxy.expr.errors import ExpressionError, ExpressionFailure
from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json, JsonObject

# Codes that only say that jsonata-python stumbled; any error agrees with them.
_STUMBLES = ("Unexpected", "unreadable")
_RUNAWAY = ("D1011", "D1012", "U1001")
_UNSTEADY = ("$now", "$millis", "$random", "$shuffle")


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    expression: str
    data: Value
    bindings: Mapping[str, Json]
    raw: JsonObject

    @property
    def is_runaway(self) -> bool:
        return self.raw.get("code") in _RUNAWAY

    @property
    def is_unsteady(self) -> bool:
        return any(name in self.expression for name in _UNSTEADY)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value, or the code of an error."""

    value: Value = MISSING
    error: str = ""

    def agrees_with(self, other: Outcome) -> bool:
        if self.error or other.error:
            return self.error == other.error or (bool(self.error) and other.error in _STUMBLES)
        return repr(self.value) == repr(other.value)  # which tells 1 from 1.0 and from true


@dataclass(frozen=True, slots=True)
class Verdict:
    case: Case
    kind: str  # compiled | fallback | syntax
    ours: Outcome
    reference: Outcome

    @property
    def agrees(self) -> bool:
        """The same as jsonata-python; where that breaks its own suite, the same as the suite."""
        return self.ours.agrees_with(self.reference) or self.ours.agrees_with(_expected(self.case))


def suite_cases(root: Path) -> Iterator[Case]:
    """Yield every case of the suite that ends by itself and always gives the same."""
    datasets = {path.stem: json.loads(path.read_text()) for path in (root / "datasets").glob("*.json")}
    for path in sorted((root / "groups").glob("*/case*.json")):
        content = json.loads(path.read_text())
        for number, raw in enumerate(content if isinstance(content, list) else [content]):
            text = raw["expr"] if "expr" in raw else (path.parent / raw["expr-file"]).read_text()
            data = raw["data"] if "data" in raw else datasets.get(raw.get("dataset"), MISSING)
            case = Case(f"{path.parent.name}/{path.stem}/{number}", text, data, raw.get("bindings") or {}, raw)
            if not case.is_runaway and not case.is_unsteady:
                yield case


def judge(case: Case) -> Verdict:
    """Evaluate a case both ways."""
    reference = reference_outcome(case.expression, case.data, case.bindings)
    try:
        compiled = compiled_expression(case.expression)
    except ExpressionError as error:
        return Verdict(case, "syntax", Outcome(error=error.code), reference)
    kind = "fallback" if compiled.falls_back else "compiled"
    try:
        return Verdict(case, kind, Outcome(compiled.run(case.data, case.bindings)), reference)
    except ExpressionFailure as error:
        return Verdict(case, kind, Outcome(error=error.code), reference)


def reference_outcome(expression: str, data: Value, bindings: Mapping[str, Value]) -> Outcome:
    """What jsonata-python gives, its own parser included."""
    try:
        evaluator = Jsonata(expression)
    except JException as error:
        return Outcome(error=str(error.error))
    except Exception:  # whatever its parser stumbles over
        return Outcome(error="unreadable")
    evaluator.set_validate_input(False)
    evaluator.set_output_convert_nulls(False)
    try:
        return Outcome(border.evaluate(evaluator, data, bindings, {}))
    except ExpressionFailure as error:
        return Outcome(error=error.code)


def _expected(case: Case) -> Outcome:
    return Outcome(error=str(case.raw["code"])) if "code" in case.raw else Outcome(case.raw.get("result", MISSING))


def summary(verdicts: list[Verdict]) -> str:
    """One line of counts."""
    kinds = Counter(verdict.kind for verdict in verdicts)
    differ = sum(not verdict.agrees for verdict in verdicts)
    counts = ", ".join(f"{kinds[kind]} {kind}" for kind in ("compiled", "fallback", "syntax"))
    return f"{len(verdicts)} cases: {counts}; {differ} differ"


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]) if arguments else Path("../shared/jsonata-suite")
    verdicts = [judge(case) for case in suite_cases(root)]
    for verdict in verdicts:
        if not verdict.agrees:
            print(f"{verdict.case.name}: {verdict.case.expression}\n  {verdict.ours}\n  {verdict.reference}")
    print(summary(verdicts))
    return int(any(not verdict.agrees for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

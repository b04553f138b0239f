"""Every case of JSONata's official suite gives what jsonata-python gives, compiled or not."""

from pathlib import Path

import pytest

from ccproxy.expr.suite_report import judge, suite_cases, summary

SUITE = Path(__file__).parents[2].parent / "shared" / "jsonata-suite"


@pytest.mark.skipif(not SUITE.is_dir(), reason="the suite is not beside the checkout")
def test_agrees_with_the_reference(capsys: pytest.CaptureFixture[str]) -> None:
    cases = [case for case in suite_cases(SUITE) if not case.name.startswith("performance/")]

    verdicts = [judge(case) for case in cases]

    with capsys.disabled():
        print(f"\nofficial suite: {summary(verdicts)}")
    differing = [
        f"{verdict.case.name}: {verdict.ours} != {verdict.reference}" for verdict in verdicts if not verdict.agrees
    ]
    assert differing == []
    assert sum(verdict.kind == "compiled" for verdict in verdicts) > 850

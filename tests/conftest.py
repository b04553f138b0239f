"""What every test may use: golden files that `pytest --update` rewrites."""

import difflib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# `pytest tests/properties --hypothesis-profile nightly`; pytest looks profiles up before it collects tests.
settings.register_profile("nightly", deadline=None, print_blob=True)
pytest.register_assert_rewrite("conversions.checking", "recordings.comparison", "recordings.stream_rules")

FIXTURES = Path(__file__).parent / "fixtures"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite expected files; read the diff before you commit")


@pytest.fixture
def fixtures() -> Path:
    """The folder of test data."""
    return FIXTURES


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with a file, or rewrite the file under `--update`."""

    def compare(path: Path, actual: str) -> None:
        if request.config.getoption("--update"):
            path.write_text(actual, encoding="utf-8")
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        diff = "\n".join(
            difflib.unified_diff(expected.splitlines(), actual.splitlines(), str(path), "actual", lineterm="")
        )
        assert expected == actual, f"{diff}\n(pytest --update rewrites the file)"

    return compare

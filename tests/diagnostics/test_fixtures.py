"""Every code has a folder with a bad file and the text that a user sees."""

from pathlib import Path

import pytest

from ccproxy.cli.checking import check_files
from ccproxy.cli.file_kinds import find_files
from ccproxy.datadirs import find_builtin_dir, find_data_dir
from ccproxy.diagnostics.codes import CODES
from ccproxy.diagnostics.render import render
from ccproxy.yamltree.schema_store import SchemaStore

FOLDER = Path(__file__).parent.parent / "fixtures" / "diagnostics"
CASES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())

# Codes whose checks are not wired into `validate` yet.
PENDING = {"B901"}


@pytest.mark.parametrize("case", CASES)
def test_it_tells_what_is_wrong(case, golden, monkeypatch):
    monkeypatch.chdir(FOLDER / case)
    # The case alone, not laid over the built-in mappings; configurations are checked against those.
    mappings = find_builtin_dir("mappings") if case.startswith("C") else FOLDER / case
    monkeypatch.setenv("CCPROXY_MAPPINGS", str(mappings))

    files, problems = check_files(find_files([Path()]), SchemaStore(find_data_dir("schemas")), Path())
    text = render(problems, "full", {file.display: file.text for file in files}, files_checked=len(files))

    assert case[:4] in {problem.code for problem in problems}
    golden(FOLDER / case / "expected.txt", text)


def test_every_code_has_a_fixture():
    shown = {case[:4] for case in CASES}

    assert set(CODES) - PENDING - shown == set()


def test_nothing_pending_has_a_fixture_already():
    shown = {case[:4] for case in CASES}

    assert PENDING & shown == set()


def test_fixtures_are_of_known_codes():
    assert {case[:4] for case in CASES} <= set(CODES)

"""`ccproxy explain`."""

from ccproxy.cli.main import main
from ccproxy.diagnostics.codes import CODES


def test_it_explains_a_code_in_any_case(capsys):
    assert main(["explain", "y105"]) == 0
    assert capsys.readouterr().out.startswith("Y105: YAML ends the expression early\n")


def test_it_lists_all_codes(capsys):
    assert main(["explain"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(CODES)


def test_it_suggests_a_code_for_an_unknown_one(capsys):
    assert main(["explain", "Z105"]) == 2
    assert "did you mean" in capsys.readouterr().err

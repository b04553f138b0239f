"""`ccproxy validate`."""

import json

import pytest

from ccproxy.cli import checking
from ccproxy.cli.file_kinds import find_files, schema_for
from ccproxy.cli.main import main
from ccproxy.diagnostics.model import Diagnostic, Span


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A folder with one good and one bad file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "good.yaml").write_text("table: good\nvalues: { a: b }\n")
    (tmp_path / "shared" / "bad.yaml").write_text("table: bad\nvalues: { a: b }\ndefualt: c\n")
    return tmp_path


def test_problems_exit_with_one_and_go_to_stdout(tree, capsys):
    assert main(["validate", "."]) == 1
    output = capsys.readouterr()
    assert output.out.startswith("error[S203]: unknown key `defualt` in the table\n --> shared/bad.yaml:3:1\n")
    assert output.out.endswith("ccproxy validate: 1 error in 1 of 2 files\n")
    assert output.err == ""


def test_clean_files_exit_with_zero(tree, capsys):
    assert main(["validate", "shared/good.yaml"]) == 0
    assert capsys.readouterr().out == "ccproxy validate: no problems in 1 file\n"


def test_json_is_a_list_even_when_clean(tree, capsys):
    main(["validate", "shared/good.yaml", "--format", "json"])
    assert json.loads(capsys.readouterr().out) == []


def test_concise_counts_on_stderr(tree, capsys):
    main(["validate", ".", "--format", "concise"])
    output = capsys.readouterr()
    assert (
        output.out == "shared/bad.yaml:3:1: error[S203] unknown key `defualt` in the table (did you mean `default`?)\n"
    )
    assert output.err == "ccproxy validate: 1 error in 1 of 2 files\n"


def test_a_broken_file_does_not_hide_another(tree, capsys):
    (tree / "shared" / "broken.yaml").write_text("table: [\n")
    main(["validate", ".", "--format", "concise"])

    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "shared/bad.yaml",
        "shared/broken.yaml",
    ]


def test_meaning_is_silent_where_shape_spoke(tree, capsys, monkeypatch):
    later = [
        Diagnostic("M412", "said again", Span("shared/bad.yaml", 3, 1, 8)),
        Diagnostic("M405", "something else", Span("shared/bad.yaml", 1, 1, 6)),
    ]
    monkeypatch.setattr(checking, "check_meaning", lambda _: later)
    main(["validate", ".", "--format", "json"])

    assert [each["code"] for each in json.loads(capsys.readouterr().out)] == ["M405", "S203"]


def test_colour_needs_a_terminal(tree, capsys):
    main(["validate", "."])
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("mine/request.yaml", "", "mapping/request"),
        ("mine/protocol.yaml", "", "mapping/protocol"),
        ("quirks/a.yaml", "", "mapping/quirk"),
        ("ccproxy.yaml", "", "config"),
        ("a.yaml", "# yaml-language-server: $schema=../schemas/mapping/client.schema.json\n", "mapping/client"),
        ("a.yaml", "quirk: x\nwhy: y\n", "mapping/quirk"),
        ("a.yaml", "providers: {}\n", "config"),
        ("a.yaml", "meta: {}\n", "fixture"),
        ("mine/reqest.yaml", "to_unified: {}\n", None),
        ("mine/request.yml", "to_unified: {}\n", None),
    ],
)
def test_the_kind_of_a_file_is_told_by_name_folder_or_keys(tmp_path, name, text, expected):
    from ccproxy.yamltree.loader import load_yaml

    assert schema_for(tmp_path / name, text, load_yaml(name, text)[0]) == expected


def test_hidden_folders_are_left_alone(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.yaml").write_text("a: b")
    (tmp_path / "b.yml").write_text("a: b")

    assert find_files([tmp_path, tmp_path / "b.yml"]) == [tmp_path / "b.yml"]


def test_advice_on_a_configuration_is_no_failure(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    provider = '{ protocol: openai-chat, base_url: "http://127.0.0.1:1/v1" }'
    text = f'providers: {{ a: {provider}, b: {provider} }}\ngroups: {{ default: {{ aliases: {{ "*": a/m }} }} }}\n'
    (tmp_path / "ccproxy.yaml").write_text(text)

    assert main(["validate", "ccproxy.yaml", "--format", "concise"]) == 0
    assert "warning[C616] no alias uses the provider `b`" in capsys.readouterr().out

    (tmp_path / "ccproxy.yaml").write_text(text.replace("a/m", "c/m"))
    assert main(["validate", "ccproxy.yaml"]) == 1

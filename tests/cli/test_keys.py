"""`ccproxy keys`: a new key works, is shown once, and its file keeps everything else."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from ccproxy.cli.main import main
from ccproxy.cli.setup import load_setup
from ccproxy.config.model import Budget
from ccproxy.config.model_facts import ModelBook
from ccproxy.config.prices import PriceBook
from ccproxy.routing.facts import RequestFacts
from ccproxy.state.opening import open_state

TEXT = """\
# mine
server: { host: 127.0.0.1 }
providers:
  local:    { protocol: openai-chat, base_url: "http://127.0.0.1:9" }   # no key
  far: { protocol: openai-chat, base_url: "http://127.0.0.1:9", keys: [$NOT_SET_HERE] }

groups: { default: { aliases: { "*": local/any } }, small: {} }
state: sqlite:///usage.db
# the end
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "ccproxy.yaml"
    path.write_text(TEXT)
    return path


def added(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert 0 == main(["keys", "add", *options])
    return capsys.readouterr().out.strip()


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    assert 0 == main(["keys", "list", "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


def test_a_new_key_is_kept_as_a_digest_only(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = added(capsys, "zed")

    assert key.startswith("ccp-")
    assert len(key) > 40
    assert key not in file.read_text()
    assert [("zed", sha256(key.encode()).digest())] == [
        (known.name, known.digest) for known in load_setup(file).config.access
    ]


def test_everything_else_in_the_file_stays(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = added(capsys, "zed")
    digest = sha256(key.encode()).hexdigest()

    entry = f"\naccess:\n  keys:\n    zed:\n      sha256: {digest}\n"
    assert TEXT.replace("# the end\n", f"{entry}# the end\n") == file.read_text()


def test_options_become_limits(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added(
        capsys, "zed", "--group", "small", "--group", "default", "--expires", "2099-01-31", "--rpm", "60",
        "--tpm", "1000", "--budget", "2.5usd/day", "--admin",
    )  # fmt: skip
    key = load_setup(file).config.access[0]

    assert (("small", "default"), 60, 1000, Budget("day", 2.5), True) == (
        key.groups,
        key.requests_per_minute,
        key.tokens_per_minute,
        key.budget,
        key.admin,
    )
    assert "expires: 2099-01-31\n" in file.read_text()


def test_a_duration_becomes_the_moment_of_its_end(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import time

    added(capsys, "zed", "--expires", "30d")
    expires = load_setup(file).config.access[0].expires

    assert expires is not None
    assert 30 * 86_400 == pytest.approx(expires - time.time(), abs=60)


@pytest.mark.parametrize(
    "options",
    [
        ["zed", "--expires", "yesterday"],
        ["zed", "--expires", "2001-01-01"],
        ["zed", "--budget", "5"],
        ["zed", "--budget", "1.5tokens/day"],
        ["zed", "--budget", "5usd/week"],
        ["zed", "--rpm", "0"],
        ["a b"],
        ["a: b"],
    ],
)
def test_options_that_mean_nothing_are_wrong_usage(file: Path, options: list[str]) -> None:
    assert 2 == main(["keys", "add", *options])
    assert TEXT == file.read_text()


def test_an_unknown_group_is_refused_with_its_place(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == main(["keys", "add", "zed", "--group", "smal"])

    told = capsys.readouterr().err
    assert "C607" in told
    assert "small" in told
    assert TEXT == file.read_text()


def test_a_name_is_given_once(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added(capsys, "zed")
    before = file.read_text()

    assert 1 == main(["keys", "add", "zed"])
    assert before == file.read_text()


def test_without_a_file_there_is_nothing_to_add_to(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.unlink()

    assert 1 == main(["keys", "add", "zed"])
    assert "ccproxy init" in capsys.readouterr().err


def test_a_revoked_key_is_gone(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added(capsys, "zed")
    added(capsys, "you")
    assert 0 == main(["keys", "revoke", "zed"])

    assert ["you"] == [key.name for key in load_setup(file).config.access]
    assert 0 == main(["keys", "revoke", "you"])
    assert "no key is left" in capsys.readouterr().err
    assert "keys: {}" in file.read_text()


def test_the_last_key_of_a_public_proxy_cannot_be_revoked(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(TEXT.replace("127.0.0.1 }", "0.0.0.0 }") + "access: { keys: { zed: { key: abc } } }\n")

    assert 1 == main(["keys", "revoke", "zed"])
    assert "C609" in capsys.readouterr().err
    assert ["zed"] == [key.name for key in load_setup(file).config.access]


def test_an_unknown_name_is_told_with_the_closest(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added(capsys, "claude-code")

    assert 2 == main(["keys", "revoke", "claude-cod"])
    assert "did you mean `claude-code`" in capsys.readouterr().err


def test_the_list_tells_limits_and_what_is_spent(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added(capsys, "zed", "--budget", "1000tokens/total", "--rpm", "5")
    file.write_text(file.read_text().replace("  keys:\n", "  keys:\n    env: $NOT_SET_EITHER\n"))
    state = open_state("sqlite:///usage.db", file.parent)
    facts = RequestFacts("r", "POST", "/", 1.0, key="zed", provider="local", usage={"input": 300, "output": 50})
    state.observer(PriceBook({}, {}, ModelBook({})))(facts)
    state.close()

    keys = {key["key"]: key for key in listed(capsys)}

    assert ("1000tokens/total", "0.0000usd 350tokens", 5) == tuple(
        keys["zed"][name] for name in ("budget", "spent", "requests_per_minute")
    )
    assert "not set" in str(keys["env"]["expires"])
    assert 0 == main(["keys"])
    assert "350tokens" in capsys.readouterr().out


def test_neither_key_nor_digest_is_ever_listed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = added(capsys, "zed")
    file.write_text(file.read_text().replace("  keys:\n", "  keys:\n    plain: canary-in-clear\n"))
    for arguments in (["keys"], ["keys", "list", "--format", "json"], ["keys", "revoke", "zed"]):
        assert 0 == main(arguments)

    told = "".join(capsys.readouterr())
    for secret in (key, sha256(key.encode()).hexdigest(), "canary-in-clear"):
        assert secret not in told

"""Editing the file: whole or not at all, and never into something that does not work."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ccproxy.config.editing import EditRefusedError, edit_config
from ccproxy.config.loader import load_config
from ccproxy.diagnostics.model import Diagnostic
from ccproxy.jsontypes import JsonObject
from config.conftest import PRESETS

TEXT = """\
# mine
providers: { local: { protocol: chat, base_url: "http://127.0.0.1:1" }, deep: { keys: [$NOT_SET] } }
groups:
  default: { aliases: { "*": local/any } }   # all
  other: {}
active_group: default
"""


def check(text: str) -> list[Diagnostic]:
    return load_config(Path("ccproxy.yaml"), {}, PRESETS, {"chat"}, text)[1]


def use(name: str) -> object:
    def change(config: JsonObject) -> None:
        config["active_group"] = name

    return change


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ccproxy.yaml"
    path.write_text(TEXT)
    return path


def test_changes_what_was_asked_for_and_nothing_else(file: Path) -> None:
    edit_config(file, use("other"), check)  # type: ignore[arg-type]

    assert TEXT.replace("active_group: default", "active_group: other") == file.read_text()


def test_a_result_that_does_not_work_is_refused(file: Path) -> None:
    with pytest.raises(EditRefusedError) as refused:
        edit_config(file, use("gone"), check)  # type: ignore[arg-type]

    assert ["C607"] == [problem.code for problem in refused.value.diagnostics]
    assert TEXT == file.read_text()


def test_problems_from_before_refuse_nothing(file: Path) -> None:
    assert ["C602"] == [problem.code for problem in check(TEXT)]

    edit_config(file, use("other"), check)  # type: ignore[arg-type]


def test_mode_and_links_stay(file: Path) -> None:
    file.chmod(0o640)
    link = file.with_name("link.yaml")
    link.symlink_to(file)
    edit_config(link, use("other"), check)  # type: ignore[arg-type]

    assert link.is_symlink()
    assert 0o640 == stat.S_IMODE(file.stat().st_mode)
    assert ["ccproxy.yaml", "link.yaml"] == sorted(os.listdir(file.parent))


def test_a_byte_order_mark_and_line_ends_stay(file: Path) -> None:
    file.write_bytes(("\ufeff" + TEXT.replace("\n", "\r\n")).encode())
    edit_config(file, use("other"), check)  # type: ignore[arg-type]

    assert ("\ufeff" + TEXT.replace("up: default", "up: other").replace("\n", "\r\n")).encode() == file.read_bytes()


def test_a_failed_write_leaves_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        edit_config(file, use("other"), check)  # type: ignore[arg-type]

    assert TEXT == file.read_text()
    assert ["ccproxy.yaml"] == os.listdir(file.parent)


def test_somebody_else_s_change_is_not_overwritten(file: Path) -> None:
    def check_slowly(text: str) -> list[Diagnostic]:
        file.write_text("groups: {}\n")
        return []

    with pytest.raises(EditRefusedError, match="somebody else"):
        edit_config(file, use("other"), check_slowly)  # type: ignore[arg-type]

    assert "groups: {}\n" == file.read_text()


@pytest.mark.parametrize("content", [b"a: [", b"- 1\n", b"\xff\xfe", b"a: &x 1\nb: *x\n"])
def test_a_file_that_cannot_be_read_is_left_alone(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(EditRefusedError):
        edit_config(file, use("other"), check)  # type: ignore[arg-type]

    assert content == file.read_bytes()

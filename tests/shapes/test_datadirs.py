"""The order in which data folders are looked up."""

from __future__ import annotations

import os
from pathlib import Path

from ccproxy.datadirs import find_data_dir, find_data_dirs


def test_explicit_folders_win(tmp_path: Path) -> None:
    environ = {"CCPROXY_MAPPINGS": "/elsewhere"}

    assert find_data_dirs("mappings", [tmp_path, "b"], environ) == (tmp_path, Path("b"))


def test_environment_comes_next(tmp_path: Path) -> None:
    environ = {"CCPROXY_MAPPINGS": f"{tmp_path}{os.pathsep}other"}

    assert find_data_dirs("mappings", (), environ) == (tmp_path, Path("other"))


def test_environment_does_not_move_schemas() -> None:
    assert find_data_dir("schemas", (), {"CCPROXY_MAPPINGS": "/elsewhere"}).name == "schemas"


def test_checkout_is_found_without_any_setting() -> None:
    folder = find_data_dir("schemas", (), {})

    assert (folder / "unified" / "request.schema.json").is_file()

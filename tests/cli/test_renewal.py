"""Mappings that change while another process checks and compiles them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccproxy.cli import renewal
from ccproxy.cli.mappings_option import mapping_roots
from ccproxy.cli.renewal import RenewalError, make_ready, renewed_engine
from ccproxy.conversion.errors import MappingError

RECIPE = "client: pen\ntitle: {title}\nprotocol: openai-chat\nenv: {{ PEN_URL: x }}\n"


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, ...]:
    monkeypatch.setenv("CCPROXY_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    clients = tmp_path / "mine" / "clients"
    clients.mkdir(parents=True)
    (clients / "pen.yaml").write_text(RECIPE.format(title="Checked"))
    return mapping_roots([Path("mine")])


def test_the_engine_is_that_of_the_files_that_were_checked(
    roots: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(roots: tuple[Path, ...], changed: tuple[Path, ...]) -> renewal.Outcome:
        outcome = make_ready(roots, changed)
        Path("mine/clients/pen.yaml").write_text(RECIPE.format(title="Not checked yet"))
        return outcome

    monkeypatch.setattr(renewal, "_ask_other_process", ask)

    engine = renewed_engine(roots, roots[-1:])
    for name in engine.protocols:
        engine.dialect(name).unit()

    assert "Checked" == engine.clients["pen"]["title"]
    assert engine.library._source is None  # type: ignore[attr-defined]  # nothing was made in this process


def test_the_other_process_tells_what_is_wrong(roots: tuple[Path, ...]) -> None:
    Path("mine/clients/pen.yaml").write_text("client: pen\n")

    with pytest.raises(MappingError, match=r"mine/clients/pen\.yaml"):
        renewed_engine(roots, roots[-1:])


def test_another_process_that_fails_is_told(roots: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")

    with pytest.raises(RenewalError, match="ended unexpectedly"):
        renewed_engine(roots, roots[-1:])

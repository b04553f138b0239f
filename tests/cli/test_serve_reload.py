"""`ccproxy serve` as a process: files that change, signals, several workers."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.served import Served, free_port

Serve = Callable[..., Served]

CONFIG = """\
providers: {{ here: {{ protocol: openai-chat, base_url: http://127.0.0.1:9/v1, keys: [$KEY] }} }}
groups:
  default:
    aliases: {{ {alias}: here/tiny }}
    prompt: {{ mode: enhance, file: prompt.md }}
  other: {{ aliases: {{ big: here/big }} }}
"""
RECIPE = """\
client: pen
title: {title}
protocol: openai-chat
env: {{ PEN_URL: "{{root}}/v1" }}
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "ccproxy.yaml").write_text(CONFIG.format(alias="one"))
    (tmp_path / ".env").write_text("KEY=abc\n")
    (tmp_path / "prompt.md").write_text("Be kind.")
    clients = tmp_path / "mine" / "clients"
    clients.mkdir(parents=True)
    (clients / "pen.yaml").write_text(RECIPE.format(title="First pen"))
    return tmp_path


def models(served: Served) -> list[str]:
    return [model["id"] for model in served.json("/v1/models")["data"]]


def version(served: Served) -> int:
    return int(served.json("/health")["configuration"]["version"])


def test_follows_every_file_of_a_configuration(serve: Serve, house: Path) -> None:
    served = serve().wait()
    assert ["one"] == models(served)

    (house / "ccproxy.yaml").write_text(CONFIG.format(alias="two"))
    served.until(lambda: models(served) == ["two"])
    (house / "prompt.md").write_text("Be brief.")
    served.until(lambda: version(served) == 3)

    (house / ".env").write_text("")
    served.until(lambda: not served.json("/health")["reload"]["ok"])
    status, ready = served.get("/ready")
    assert (200, ["two"]) == (status, models(served))
    assert b'"C602"' in ready

    # as editors do it: a new file takes the old one's name
    (house / ".env.new").write_text("KEY=def\n")
    (house / ".env.new").rename(house / ".env")
    served.until(lambda: version(served) == 4)
    assert served.json("/health")["reload"]["ok"]

    errors = served.stop()
    assert "error[C602]" in errors
    assert "ccproxy.yaml:1:" in errors
    assert "version 3 of the configuration stays in force" in errors
    assert "version 4 of the configuration is in force" in errors


def test_follows_mappings(serve: Serve, house: Path) -> None:
    served = serve("--mappings", "mine").wait()
    pen = house / "mine" / "clients" / "pen.yaml"

    def index() -> bytes:
        return served.get("/", accept="text/html")[1]

    assert b"First pen" in index()
    pen.write_text(RECIPE.format(title="Second pen"))
    served.until(lambda: b"Second pen" in index())

    pen.write_text(RECIPE.format(title="Third pen").replace("env:", "envv:"))
    served.until(lambda: not served.json("/health")["reload"]["ok"])
    assert b"Second pen" in index()
    assert "mine/clients/pen.yaml" == served.json("/health")["reload"]["diagnostics"][0]["file"]

    assert "missing key `env`" in served.stop()


def test_a_configuration_may_come_later_and_must_not_go(serve: Serve, tmp_path: Path) -> None:
    served = serve(OPENAI_API_KEY="abc").wait()
    (tmp_path / ".env").write_text("KEY=abc\n")
    (tmp_path / "prompt.md").write_text("Be kind.")

    (tmp_path / "ccproxy.yaml").write_text(CONFIG.format(alias="one"))
    served.until(lambda: models(served) == ["one"])

    errors = served.stop()
    assert "version 2 of the configuration is in force" in errors


def test_every_worker_follows_files_signals_and_switches(serve: Serve, house: Path) -> None:
    served = serve("--workers", "3", "--port", str(free_port())).wait()

    def all_of(told: Callable[[], object]) -> set[object]:
        return {told() for _ in range(12)}  # each time on a new connection, so that every worker has its turn

    served.until(lambda: len(all_of(lambda: served.json("/health")["process"])) > 1)
    (house / "ccproxy.yaml").write_text(CONFIG.format(alias="two"))
    served.until(lambda: all_of(lambda: tuple(models(served))) == {("two",)})
    served.process.send_signal(signal.SIGHUP)
    served.until(lambda: all_of(lambda: version(served)) == {3})

    status, _ = served.post("/admin/group", {"name": "other"})
    assert 200 == status
    served.until(lambda: all_of(lambda: served.json("/admin/group")["group"]) == {"other"})

    assert 1 == served.stop().count("version 3 of the configuration is in force")


def test_hanging_up_without_a_terminal_loads_again(serve: Serve, house: Path) -> None:
    served = serve().wait()

    served.process.send_signal(signal.SIGHUP)

    served.until(lambda: version(served) == 2)
    served.stop()

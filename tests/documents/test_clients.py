"""The README's lines that point official SDKs at ccproxy, tried against a running one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anthropic
import google.genai
import ollama
import openai
import pytest

from documents.pages import README, blocks, part_of

MODULES = {"anthropic": anthropic, "google": google, "ollama": ollama, "openai": openai}
HELLO: list[Any] = [{"role": "user", "content": "Hello!"}]
ASK: dict[str, Callable[[Any], Any]] = {
    "anthropic": lambda client: client.messages.create(model="m", max_tokens=50, messages=HELLO),
    "openai": lambda client: client.chat.completions.create(model="m", messages=HELLO),
    "google": lambda client: client.models.generate_content(model="m", contents="Hello!"),
    "ollama": lambda client: client.chat(model="m", messages=HELLO),
}
(EXAMPLE,) = (
    block
    for block in blocks(part_of(README.read_text(encoding="utf-8"), "## Point a client at it"))
    if block.language == "python"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Host and port of a ccproxy that answers from recordings."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ccproxy", "serve", "--port", "0", "--replay"],
        cwd=tmp_path_factory.mktemp("served"),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "engine")},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    found = re.search(r"listens on http://(\S+)", process.stdout.readline())
    assert found
    yield found[1]
    process.terminate()
    assert 0 == process.wait(20)


@pytest.mark.parametrize("line", EXAMPLE.text.strip().splitlines(), ids=lambda line: line.partition(".")[0])
def test_client_gets_an_answer(address: str, line: str) -> None:
    client = eval(line.replace("127.0.0.1:11434", address), dict(MODULES))

    answer = ASK[line.partition(".")[0]](client)

    assert "Hello from ccproxy" in str(answer)

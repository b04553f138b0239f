"""What each pair of protocols costs per byte, as a ratio to claude -> openai-chat in the same run.

    PYTHONPATH=tests python tests/bench/pairs.py

Requests: one agentic conversation in each protocol's own words. Streams: 100 pieces of text from each upstream.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from orjson import dumps, loads

from bench.payloads import agentic_request
from ccproxy import Engine
from ccproxy.jsontypes import JsonObject

PROTOCOLS = ("claude", "openai-chat", "openai-responses", "gemini", "ollama")
ROUNDS = 40
TEXTS = 100


def main() -> None:
    """Print both tables."""
    engine = Engine.load()
    own = {name: engine.request(agentic_request(), source="claude", target=name, model="m") for name in PROTOCOLS}
    streams = {name: stream_of(engine, name) for name in PROTOCOLS}
    print_table("requests", {pair: request_cost(engine, own[pair[0]], *pair) for pair in pairs()})
    print_table(
        "streams (upstream to client)", {pair: stream_cost(engine, streams[pair[0]], *pair) for pair in pairs()}
    )


def pairs() -> list[tuple[str, str]]:
    return [(source, target) for source in PROTOCOLS for target in PROTOCOLS]


def request_cost(engine: Engine, body: JsonObject, source: str, target: str) -> float:
    raw = dumps(body)
    return best(lambda: dumps(engine.request(loads(raw), source=source, target=target, model="m"))) / len(raw)


def stream_cost(engine: Engine, data: bytes, source: str, target: str) -> float:
    def convert() -> bytes:
        stream = engine.stream(source=source, target=target, request={"model": "m", "stream": True})
        return stream.feed(data) + stream.close()

    return best(convert) / len(data)


def stream_of(engine: Engine, protocol: str) -> bytes:
    """A stream of texts in a protocol's own words, made from the unified one."""
    events: list[JsonObject] = [
        {"type": "message_start", "id": "m", "model": "m", "created": 1},
        {"type": "block_start", "index": 0, "block": {"type": "text", "text": ""}},
        *({"type": "block_delta", "index": 0, "delta": {"text": f"word {number} "}} for number in range(TEXTS)),
        {"type": "block_stop", "index": 0},
        {"type": "message_stop", "stop": {"reason": "end"}, "usage": {"input": 9, "output": TEXTS}},
    ]
    stream = engine.stream(source="unified", target=protocol, request={"model": "m", "stream": True})
    return b"".join(stream.feed(dumps(event) + b"\n") for event in events) + stream.close()


def best(run: Callable[[], bytes]) -> float:
    """Return the seconds of the fastest run."""
    run()
    found = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run()
        found = min(found, time.perf_counter() - started)
    return found


def print_table(title: str, costs: dict[tuple[str, str], float]) -> None:
    base = costs["claude", "openai-chat"]
    print(f"{title:30}" + "".join(f"{name:>18}" for name in PROTOCOLS))
    for source in PROTOCOLS:
        print(f"{source:30}" + "".join(f"{costs[source, target] / base:18.2f}" for target in PROTOCOLS))


if __name__ == "__main__":
    main()

"""Compiled mappings against converters written by hand, in one process: `python tests/bench/conversions.py [--profile]`.

Prints microseconds of CPU and the ratio for each case. Figures on shared machines are noisy; the ratio is what counts.
"""

from __future__ import annotations

import argparse
import cProfile
import pathlib
import statistics
import sys
import time
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import orjson
from by_hand import ClaudeStream, chat_request
from payloads import agentic_request, chat_stream

from ccproxy.conversion.engine import Engine

Case = Callable[[], object]


def cpu_us(case: Case, seconds: float) -> float:
    """Median CPU microseconds of one call, over about that many seconds."""
    case()
    started = time.process_time_ns()
    case()
    calls = max(1, int(1e7 / max(1, time.process_time_ns() - started)))
    samples, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(samples) < 5:
        started = time.process_time_ns()
        for _ in range(calls):
            case()
        samples.append((time.process_time_ns() - started) / calls / 1e3)
    return statistics.median(samples)


def cases(engine: Engine) -> dict[str, tuple[Case, Case]]:
    """For each name: by hand, and compiled."""
    body = orjson.dumps(agentic_request())
    chunks = chat_stream()
    whole = b"".join(chunks)
    request = {"model": "bench-model", "stream": True}
    dialects = [engine.dialect(name) for name in ("claude", "openai-chat")]
    assert dialects

    def by_hand_chunks() -> None:
        stream = ClaudeStream()
        for chunk in chunks:
            stream.feed(chunk)

    def compiled_chunks() -> None:
        stream = engine.stream("openai-chat", "claude")
        for chunk in chunks:
            stream.feed(chunk)

    def compiled_request() -> bytes:
        exchange = engine.open("claude", "openai-chat", orjson.loads(body), model=str(request["model"]))
        return orjson.dumps(exchange.upstream_request)

    return {
        f"agentic request, {len(body) // 1000} KB": (
            lambda: orjson.dumps(chat_request(orjson.loads(body))),
            compiled_request,
        ),
        "stream of 100 chunks, in one piece": (
            lambda: ClaudeStream().feed(whole),
            lambda: engine.stream("openai-chat", "claude").feed(whole),
        ),
        "stream of 100 chunks, one by one": (by_hand_chunks, compiled_chunks),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="per case and side")
    parser.add_argument("--profile", action="store_true", help="profile the compiled side instead")
    args = parser.parse_args()
    print(f"{'case':42}{'by hand':>10}{'compiled':>10}{'ratio':>8}")
    for name, (hand, compiled) in cases(Engine.load()).items():
        if args.profile:
            profile = cProfile.Profile()
            compiled()
            profile.runcall(lambda run=compiled: [run() for _ in range(200)])
            profile.print_stats("tottime")
            continue
        a, b = cpu_us(hand, args.seconds), cpu_us(compiled, args.seconds)
        print(f"{name:42}{a:8.0f}us{b:8.0f}us{b / a:8.2f}")


if __name__ == "__main__":
    main()

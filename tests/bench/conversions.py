"""Compiled mappings against converters by hand, in one process: `python tests/bench/conversions.py [--profile]`.

Prints microseconds of CPU and the ratio for each case. Figures on shared machines are noisy; the ratio is what counts.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pathlib
import sys
import time
from collections.abc import Callable, Sequence

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import orjson
from by_hand import ChatStream, ClaudeStream, chat_answer, chat_request, claude_answer, claude_request
from payloads import (
    JsonObject,
    agentic_request,
    chat_answer_body,
    chat_call_stream,
    chat_stream,
    claude_answer_body,
    claude_call_stream,
    claude_stream,
)

from ccproxy.conversion.engine import Engine
from ccproxy.conversion.streams import StreamConversion

Case = Callable[[], object]
Convert = Callable[[JsonObject], JsonObject]
ByHand = ClaudeStream | ChatStream


def cpu_us(cases: Sequence[Case], seconds: float) -> list[float]:
    """Least CPU microseconds of one call of each case; the cases take turns, so that all meet the same noise."""
    calls = [_calls_per_sample(case) for case in cases]
    best = [float("inf")] * len(cases)
    end, rounds = time.perf_counter() + seconds, 0
    while time.perf_counter() < end or rounds < 10:
        rounds += 1
        for number, case in enumerate(cases):
            started = time.process_time_ns()
            for _ in range(calls[number]):
                case()
            best[number] = min(best[number], (time.process_time_ns() - started) / calls[number] / 1e3)
    return best


def _calls_per_sample(case: Case) -> int:
    case()
    started = time.process_time_ns()
    case()
    return max(1, int(5e6 / max(1, time.process_time_ns() - started)))


def cases(engine: Engine) -> dict[str, tuple[Case, Case]]:
    """For each name: by hand, and compiled."""
    return {
        **request_case(engine, "claude -> chat: agentic request", agentic_request(), chat_request, "claude"),
        **stream_cases(engine, "chat -> claude: 100 texts", chat_stream(), ClaudeStream, "openai-chat"),
        **stream_cases(engine, "chat -> claude: 40 arguments", chat_call_stream(), ClaudeStream, "openai-chat"),
        **answer_case(engine, "chat -> claude: answer", chat_answer_body(), claude_answer, "openai-chat"),
        **request_case(engine, "chat -> claude: agentic request", chat_agentic(), claude_request, "openai-chat"),
        **stream_cases(engine, "claude -> chat: 100 texts", claude_stream(), ChatStream, "claude"),
        **stream_cases(engine, "claude -> chat: 40 arguments", claude_call_stream(), ChatStream, "claude"),
        **answer_case(engine, "claude -> chat: answer", claude_answer_body(), chat_answer, "claude"),
    }


def chat_agentic() -> JsonObject:
    return chat_request(agentic_request())


def other(protocol: str) -> str:
    return {"claude": "openai-chat", "openai-chat": "claude"}[protocol]


def request_case(
    engine: Engine, name: str, request: JsonObject, by_hand: Convert, client: str
) -> dict[str, tuple[Case, Case]]:
    body = orjson.dumps(request)

    def compiled() -> bytes:
        exchange = engine.open(client, other(client), orjson.loads(body), model="bench-model")
        return orjson.dumps(exchange.upstream_request)

    return {f"{name}, {len(body) // 1000} KB": (lambda: orjson.dumps(by_hand(orjson.loads(body))), compiled)}


def answer_case(
    engine: Engine, name: str, answer: JsonObject, by_hand: Convert, upstream: str
) -> dict[str, tuple[Case, Case]]:
    body = orjson.dumps(answer)

    def compiled() -> bytes:
        return orjson.dumps(engine.response(orjson.loads(body), upstream, other(upstream)))

    return {name: (lambda: orjson.dumps(by_hand(orjson.loads(body))), compiled)}


def stream_cases(
    engine: Engine, name: str, chunks: list[bytes], by_hand: Callable[[], ByHand], upstream: str
) -> dict[str, tuple[Case, Case]]:
    """A stream in one piece, and event by event."""

    def in_pieces(stream: ByHand | StreamConversion) -> None:
        for chunk in chunks:
            stream.feed(chunk)

    def compiled() -> StreamConversion:
        return engine.stream(upstream, other(upstream))

    whole = b"".join(chunks)
    return {
        f"{name}, in one piece": (lambda: by_hand().feed(whole), lambda: compiled().feed(whole)),
        f"{name}, one by one": (lambda: in_pieces(by_hand()), lambda: in_pieces(compiled())),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="per case")
    parser.add_argument("--profile", action="store_true", help="profile the compiled side instead")
    args = parser.parse_args()
    gc.collect()
    gc.freeze()
    print(f"{'case':46}{'by hand':>10}{'compiled':>10}{'ratio':>8}")
    for name, (hand, compiled) in cases(Engine.load()).items():
        if args.profile:
            profile = cProfile.Profile()
            compiled()
            profile.runcall(lambda run=compiled: [run() for _ in range(200)])
            profile.print_stats("tottime")
            continue
        a, b = cpu_us((hand, compiled), args.seconds)
        print(f"{name:46}{a:8.0f}us{b:8.0f}us{b / a:8.2f}")


if __name__ == "__main__":
    main()

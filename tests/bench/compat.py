"""Calls in text against pass-through: `python tests/bench/compat.py [--seconds 2]`.

Prints the parser's throughput, and what a chunk costs in a whole stream conversion with and without it, as microseconds
of CPU and as a ratio. Figures on shared machines are noisy; the ratio is what counts.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
from collections.abc import Sequence

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from ccproxy.compat.book import DialectBook
from ccproxy.compat.parser import CallParser
from ccproxy.compat.toolbox import Toolbox
from ccproxy.compat.writing import write_calls
from ccproxy.conversion.engine import Engine
from conversions import cpu_us

WORDS = "The quick brown fox jumps over the lazy dog, and then it sleeps.\n"
CODE = "def less(a: int, b: int) -> bool:\n    return a < b and [x for x in (a, b)] is not None\n"
TOOL = {
    "name": "Write",
    "description": "Writes a file.",
    "input_schema": {"type": "object", "properties": {"path": {"type": "string"}, "content": {"type": "string"}}},
}
DECLARED = [{"type": "function", "name": "Write", "parameters": TOOL["input_schema"]}]
CHUNK = 16


def chunks(text: str) -> list[str]:
    """The text in pieces as models write them."""
    return [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]


def parse(book: DialectBook, dialect: str, pieces: Sequence[str]) -> None:
    """Read a whole answer as the sequencer does."""
    parser = CallParser(book.grammar(book.dialect(dialect)), Toolbox(DECLARED))
    passes, feed = parser.passes, parser.feed
    for piece in pieces:
        if not passes(piece):
            feed(piece)
    parser.finish()


def stream_bytes(pieces: Sequence[str]) -> list[bytes]:
    """The same as an upstream's stream, one read for each chunk."""
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    events = [{**head, "choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    events.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    return [*(b"data: %s\n\n" % json.dumps(event).encode() for event in events), b"data: [DONE]\n\n"]


def convert(engine: Engine, book: DialectBook | None, reads: Sequence[bytes]) -> None:
    """Convert a whole stream for a client of another protocol."""
    body = {
        "model": "m",
        "max_tokens": 9,
        "stream": True,
        "tools": [TOOL],
        "messages": [{"role": "user", "content": "?"}],
    }
    mode = book.mode("m") if book else None
    stream = engine.open("claude", "openai-chat", body, compat=mode).stream()
    for read in reads:
        stream.feed(read)
    stream.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=2.0, help="time for each comparison")
    seconds = options.parse_args().seconds
    engine = Engine.load()
    book = DialectBook(engine.library.index.compat)
    arguments = {"path": "a.py", "content": CODE * 300}
    answers = {"words": ("xml", WORDS * 400), "code in a fence": ("xml", "See:\n```python\n" + CODE * 300 + "```\n")}
    for dialect in ("xml", "hermes", "qwen_coder"):
        written = write_calls(book.dialect(dialect), [("Write", arguments)], Toolbox(DECLARED))
        answers[f"a call, {dialect}"] = (dialect, "I write.\n" + written)
    print(
        f"{'answer':20} {'parser':>10} {'per chunk':>12} {'stream':>12} {'with parser':>12} {'ratio':>6} {'added':>12}"
    )
    for name, (dialect, text) in answers.items():
        pieces = chunks(text)
        reads = stream_bytes(pieces)
        (parsed,) = cpu_us([lambda d=dialect, p=pieces: parse(book, d, p)], seconds)  # type: ignore[misc]
        plain, compat = cpu_us(
            [lambda r=reads: convert(engine, None, r), lambda r=reads: convert(engine, book, r)],  # type: ignore[misc]
            seconds,
        )
        print(
            f"{name:20} {len(text.encode()) / parsed:7.1f} MB/s {parsed / len(pieces):9.2f} µs {plain:9.0f} µs"
            f" {compat:9.0f} µs {compat / plain:6.2f} {(compat - plain) / len(pieces):9.2f} µs",
            flush=True,
        )


if __name__ == "__main__":
    main()

"""The README's matrix: answers of every protocol, converted for clients of every protocol, read by both sides' readers.

Answers are the scenes of tests/fixtures/matrix, filled with new words and numbers, and recorded traffic where there is
some. Words that nobody could know make sure that no answer is canned.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ccproxy import Engine
from ccproxy.conversion.exchange import Exchange
from recordings.comparison import CHECKS, READERS, REQUESTS, STREAM_READERS, as_read, as_seen_by
from recordings.traffic import answers

FOLDER = Path(__file__).parents[1] / "fixtures" / "matrix"
PROTOCOLS = tuple(sorted(READERS))


@dataclass(frozen=True)
class Given:
    """One answer of an upstream: a body or the bytes of a stream; `words` must reach the client."""

    name: str
    protocol: str
    body: Any = None
    raw: bytes | None = None
    words: tuple[str, ...] = ()


def scenes(engine: Engine, protocol: str, rng: random.Random) -> Iterator[Given]:
    """The scenes of a protocol with new words, each as a whole answer and as a stream."""
    loaded = YAML(typ="safe").load(FOLDER / f"{protocol}.yaml")
    for name, scene in loaded.items():
        new = new_values(rng)
        words = (new["WORD1"], new["WORD2"])
        yield Given(name, protocol, body=filled(scene["answer"], new), words=words)
        yield Given(
            name, protocol, raw=framed(engine, protocol, filled(scene["stream"], new, joined=True)), words=words
        )


def new_values(rng: random.Random) -> dict[str, Any]:
    """A value for each placeholder of a scene."""
    one, two = ("".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=12)) for _ in range(2))
    first, second = rng.randint(100, 9999), rng.randint(100, 9999)
    return {"WORD1": one, "WORD2": two, "NUMBER1": first, "NUMBER2": second, "TOTAL": first + second}


def filled(scene: Any, new: dict[str, Any], *, joined: bool = False) -> Any:
    """The scene with its placeholders replaced; in streams, half a placeholder ends one piece and begins another."""
    if isinstance(scene, dict):
        return {name: filled(value, new, joined=joined) for name, value in scene.items()}
    if isinstance(scene, list):
        return [filled(value, new, joined=joined) for value in scene]
    if scene in ("NUMBER1", "NUMBER2", "TOTAL"):
        return new[scene]
    if not isinstance(scene, str):
        return scene
    text = scene.replace("WORD1", new["WORD1"]).replace("WORD2", new["WORD2"])
    if joined and text.endswith('"WO'):
        return text[:-2] + new["WORD2"][:5]
    return new["WORD2"][5:] + text[3:] if joined and text.startswith("RD2") else text


def framed(engine: Engine, protocol: str, events: list[Any]) -> bytes:
    """Events as the protocol's upstreams send them."""
    facts = engine.protocols[protocol].stream
    texts = [json.dumps(event, ensure_ascii=False) for event in events]
    if facts.framing == "ndjson":
        return "".join(f"{text}\n" for text in texts).encode()
    names = [f"event: {event[facts.event_name]}\n" if facts.event_name else "" for event in events]
    end = [f"data: {facts.end}\n\n"] if facts.end else []
    return "".join([*(f"{name}data: {text}\n\n" for name, text in zip(names, texts, strict=True)), *end]).encode()


def recorded(protocol: str) -> Iterator[Given]:
    """Recorded answers of a protocol; none where there are no recordings."""
    for recording in answers(protocol):
        yield Given(recording.name, protocol, recording.body, recording.raw)


def convert(engine: Engine, given: Given, client: str, rng: random.Random) -> Any:
    """What a client of this protocol gets for a question: a body, or the bytes of a stream that was cut anywhere."""
    exchange = ask(engine, given, client, new_values(rng)["WORD1"])
    if given.raw is None:
        return exchange.response(given.body)
    stream = exchange.stream()
    output, start = [], 0
    while start < len(given.raw):
        end = start + rng.randint(1, 2000)
        output.append(stream.feed(given.raw[start:end]))
        start = end
    return b"".join([*output, stream.close()])


def ask(engine: Engine, given: Given, client: str, question: str) -> Exchange:
    """The exchange of a client's request, which reaches the upstream with the question and in a legal form."""
    request = json.loads(json.dumps(REQUESTS[client]).replace("Go.", question))
    exchange = engine.open(client, given.protocol, request, model="m", stream=given.raw is not None)
    validator = engine.dialect(given.protocol).validator
    assert question in json.dumps(exchange.upstream_request)
    assert validator is not None
    assert validator.problem(exchange.upstream_request) is None
    return exchange


def is_good(given: Given, client: str, output: Any) -> bool:
    """Whether the client reads from the output what the upstream said, and nothing was passed on as it was."""
    if client != given.protocol and output == (given.body if given.raw is None else given.raw):
        return False
    try:
        return all(word in str(read(client, given, output)) for word in given.words) and says_the_same(
            given, client, output
        )
    except (AssertionError, KeyError, TypeError, ValueError, IndexError, AttributeError):
        return False


def says_the_same(given: Given, client: str, output: Any) -> bool:
    expected = read(given.protocol, given, given.body if given.raw is None else given.raw)
    seen = as_seen_by(client, expected, streamed=given.raw is not None)
    if given.raw is not None and not expected.error:
        CHECKS[client](output)
    return bool(seen == as_read(read(client, given, output), expected))


def read(protocol: str, given: Given, output: Any) -> Any:
    return (READERS if given.raw is None else STREAM_READERS)[protocol](output)


@dataclass
class Cell:
    """How many whole answers and streams were good, of how many."""

    whole: int = 0
    wholes: int = 0
    stream: int = 0
    streams: int = 0

    def count(self, given: Given, good: bool) -> None:
        if given.raw is None:
            self.whole, self.wholes = self.whole + good, self.wholes + 1
        else:
            self.stream, self.streams = self.stream + good, self.streams + 1

    def __str__(self) -> str:
        return f"{self.whole}/{self.wholes}, {self.stream}/{self.streams}"


def try_all(engine: Engine, given: list[Given], rng: random.Random) -> dict[tuple[str, str], Cell]:
    """Convert every answer for every client."""
    cells = {(source, client): Cell() for source in PROTOCOLS for client in PROTOCOLS}
    for one in given:
        for client in PROTOCOLS:
            cells[one.protocol, client].count(one, good_conversion(engine, one, client, rng))
    return cells


def good_conversion(engine: Engine, given: Given, client: str, rng: random.Random) -> bool:
    try:
        return is_good(given, client, convert(engine, given, client, rng))
    except Exception:  # a crash is a bad conversion
        return False


def table(cells: dict[tuple[str, str], Cell]) -> str:
    """The matrix in Markdown."""
    head = f"| upstream ↓ client → | {' | '.join(PROTOCOLS)} |\n|---|{'---|' * len(PROTOCOLS)}\n"
    rows = [
        f"| {source} | {' | '.join(str(cells[source, client]) for client in PROTOCOLS)} |\n" for source in PROTOCOLS
    ]
    return "".join([head, *rows])

"""Recorded sessions as folders: `session.json` says what was asked, `answer` is what llama.cpp sent, byte for byte."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "fixtures" / "llamacpp"


@dataclass(frozen=True)
class Session:
    """One exchange: what an SDK asked, what ccproxy sent for it, and the answer in the pieces that it came in."""

    upstream: str
    client: str
    scene: str
    stream: bool
    asked: dict[str, Any]
    sent: dict[str, Any]
    pieces: tuple[bytes, ...]

    @property
    def name(self) -> str:
        return f"{self.upstream}/{self.scene}{'_stream' if self.stream else ''}_of_{self.client}"

    @property
    def answer(self) -> bytes:
        return b"".join(self.pieces)


def save(session: Session) -> None:
    folder = FOLDER / session.name
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "upstream": session.upstream,
        "client": session.client,
        "scene": session.scene,
        "stream": session.stream,
        "asked": session.asked,
        "sent": session.sent,
        "pieces": [len(piece) for piece in session.pieces],
    }
    (folder / "session.json").write_text(json.dumps(told, ensure_ascii=False) + "\n")
    (folder / "answer").write_bytes(session.answer)


def load(folder: Path) -> Session:
    told = json.loads((folder / "session.json").read_text())
    answer, pieces, start = (folder / "answer").read_bytes(), [], 0
    for size in told["pieces"]:
        pieces.append(answer[start : start + size])
        start += size
    assert start == len(answer), f"{folder}: the pieces are not the answer"
    return Session(**{**told, "pieces": tuple(pieces)})


def load_all() -> list[Session]:
    return [load(path.parent) for path in sorted(FOLDER.glob("*/*/session.json"))]

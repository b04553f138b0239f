"""What streams of Claude and of OpenAI Chat must look like."""

from __future__ import annotations

from recordings.answers import payloads


def check_claude_events(output: bytes) -> None:
    """Blocks one after another, numbered from 0, and the head first."""
    events = [event for event in payloads(output) if event["type"] not in ("ping", "error")]
    open_block, following = None, 0
    for number, event in enumerate(events):
        match event["type"]:
            case "message_start":
                assert number == 0
            case "content_block_start":
                assert open_block is None
                assert following == event["index"]
                open_block, following = event["index"], following + 1
            case "content_block_delta":
                assert open_block == event["index"]
            case "content_block_stop":
                assert open_block == event["index"]
                open_block = None
    assert open_block is None


def check_chat_chunks(output: bytes) -> None:
    """Chunks of one answer, the last of them with a reason to stop."""
    chunks = [chunk for chunk in payloads(output) if "error" not in chunk]
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1
    reasons = [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"] if choice["finish_reason"]]
    assert len(reasons) == 1 or b'"error"' in output


def check_cohere_events(output: bytes) -> None:
    """Blocks and calls one after another, the head first and the end last."""
    events = list(payloads(output))
    kinds = [event["type"] for event in events]
    assert ["message-start", "message-end"] == [kind for kind in kinds if kind.startswith("message-")]
    assert ("message-start", "message-end") == (kinds[0], kinds[-1])
    opened: tuple[str, int] | None = None
    for event in events:
        name, _, step = event["type"].rpartition("-")
        if name not in ("content", "tool-call"):
            continue
        if step == "start":
            assert opened is None
            opened = (name, event["index"])
        assert opened == (name, event["index"])
        if step == "end":
            opened = None
    assert opened is None

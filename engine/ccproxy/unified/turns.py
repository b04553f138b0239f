"""Turns of a conversation: where system messages go, and neighbours of equal role as one."""

from __future__ import annotations

from ccproxy.unified.model import Block, Message, Request
from ccproxy.unified.normal_rules import NormalRules

REMINDER_START = "<system-reminder>"
REMINDER_END = "</system-reminder>"
START_TEXT = "(start of the conversation)"


def lift_system(request: Request) -> None:
    """Move leading system messages into `system`; empty messages do not count."""
    messages = request["messages"] = [message for message in request["messages"] if message["content"]]
    count = next((index for index, message in enumerate(messages) if message["role"] != "system"), len(messages))
    if not count:
        return
    lifted = [block for message in messages[:count] for block in message["content"]]
    request["system"] = [*request.get("system", []), *lifted]
    request["messages"] = messages[count:]


def merge_turns(messages: list[Message], rules: NormalRules) -> list[Message]:
    """Leave out empty messages, write later system messages as the target wants them, and join neighbours."""
    merged: list[Message] = []
    last: Message | None = None
    for message in messages:
        if not message["content"]:
            continue
        turn = as_reminder(message) if message["role"] == "system" and rules.inline_system == "user" else message
        if last is not None and last["role"] == turn["role"] and _are_one(last, turn, rules):
            last["content"] = [*last["content"], *turn["content"]]
        else:
            merged.append(turn)
            last = turn
    return merged


def _are_one(last: Message, turn: Message, rules: NormalRules) -> bool:
    """Whether nothing that the target knows tells two messages apart."""
    if len(last) == 2 and len(turn) == 2:
        return True
    if rules.speaker_names == "keep" and last.get("name") != turn.get("name"):
        return False
    return last.get("extra", {}).get(rules.protocol) == turn.get("extra", {}).get(rules.protocol)


def as_reminder(message: Message) -> Message:
    """A system message as user text that says what it is."""
    return {"role": "user", "content": [_reminder(block) for block in message["content"]]}


def _reminder(block: Block) -> Block:
    if block["type"] != "text" or block["text"].startswith(REMINDER_START):
        return block
    return {**block, "text": f"{REMINDER_START}\n{block['text']}\n{REMINDER_END}"}


def begin_with_user(messages: list[Message]) -> None:
    """Put a user message before a conversation that has none at its start."""
    if not messages or messages[0]["role"] != "user":
        messages.insert(0, {"role": "user", "content": [{"type": "text", "text": START_TEXT}]})

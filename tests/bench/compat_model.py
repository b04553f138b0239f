"""A real model without tools, asked to call them in every dialect: `python tests/bench/compat_model.py [--each 6]`.

Loads the smallest model that is installed (`pip install ccproxy[local]` and a package with one) and sends each question
once per dialect, without grammar and with temperature 0. Prints per dialect how many answers held a call, the call of
the right tool, and arguments that its schema lets through. `--shots N` lets earlier turns with calls stand before each
question, as in a session that is under way; `--save FILE` keeps the answers.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import urllib.request

from jsonschema import Draft202012Validator

from ccproxy.compat.book import DialectBook
from ccproxy.conversion.engine import Engine
from ccproxy.server.local_model import find_model, free_port, start_model

TOOLS = [
    {
        "name": "get_weather",
        "description": "Tells the current weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "description": "Name of the city"}, "days": {"type": "integer"}},
            "required": ["city"],
        },
    },
    {
        "name": "run_command",
        "description": "Runs a shell command and tells its output.",
        "parameters": {
            "type": "object",
            "properties": {"command": {"type": "string", "description": "The command line"}},
            "required": ["command"],
        },
    },
]
QUESTIONS = [
    ("What is the weather in Paris?", "get_weather"),
    ("Please run the command `ls -la`.", "run_command"),
    ("How is the weather in Tokyo for the next 3 days?", "get_weather"),
    ("Show me the git status by running the command.", "run_command"),
    ("Is it raining in London right now?", "get_weather"),
    ("Run `echo hello` in the shell.", "run_command"),
]
EARLIER = [
    ("What is the weather in Madrid?", "get_weather", {"city": "Madrid"}, "sunny, 31 degrees", "It is sunny."),
    ("Please run the command `pwd`.", "run_command", {"command": "pwd"}, "/home/ada", "You are in /home/ada."),
    ("How is the weather in Oslo for 2 days?", "get_weather", {"city": "Oslo", "days": 2}, "snow", "It will snow."),
    ("Run `date` for me.", "run_command", {"command": "date"}, "Mon May 5", "It is May 5."),
]
DECLARED = {"role": "user", "tools": [{"type": "function", "function": tool} for tool in TOOLS]}


def ask(port: int, body: dict[str, object], timeout_s: float = 180) -> dict[str, object]:
    """One request to the runtime."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/chat/completions",
        json.dumps(body).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=timeout_s) as answer:
        return json.loads(answer.read())


def conversation(question: str, shots: int) -> list[dict[str, object]]:
    """Earlier turns with calls, then the question."""
    messages: list[dict[str, object]] = []
    for at, (asked, tool, arguments, result, said) in enumerate(EARLIER[:shots]):
        call = {"id": f"c{at}", "type": "function", "function": {"name": tool, "arguments": json.dumps(arguments)}}
        messages += [
            {"role": "user", "content": asked},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": f"c{at}", "content": result},
            {"role": "assistant", "content": said},
        ]
    return [*messages, {"role": "user", "content": question}]


def judged(answer: dict[str, object], wanted: str) -> tuple[bool, bool, bool]:
    """Whether there is a call, of the wanted tool, with arguments that are valid."""
    message = answer["choices"][0]["message"]  # type: ignore[index]
    calls = message.get("tool_calls") or []
    if not calls:
        return False, False, False
    name = calls[0]["function"]["name"]
    schema = next(tool["parameters"] for tool in TOOLS if tool["name"] == name)
    try:
        valid = Draft202012Validator(schema).is_valid(json.loads(calls[0]["function"]["arguments"]))
    except ValueError:  # the token limit cut it
        valid = False
    return True, name == wanted, name == wanted and valid


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=len(QUESTIONS), help="questions per dialect")
    parser.add_argument("--dialect", action="append", default=[], help="only these dialects")
    parser.add_argument("--max-tokens", type=int, default=120)
    parser.add_argument(
        "--shots", type=int, default=0, choices=range(len(EARLIER) + 1), help="earlier turns with calls"
    )
    parser.add_argument("--save", help="file for the answers")
    parser.add_argument("--retry", action="store_true", help="ask again once where a call was not understood")
    options = parser.parse_args()
    path = find_model()
    if path is None:
        raise SystemExit("no model is installed")
    port = free_port()
    start_model(path, port)
    engine = Engine.load()
    book = DialectBook(engine.library.index.compat)
    kept: list[object] = []
    print(f"{path.stem}: calls / right tool / valid arguments, asked again, seconds")
    for name in options.dialect or sorted(book.dialects):
        run_dialect(engine, book, name, port, options, kept)
    if options.save:
        with open(options.save, "w", encoding="utf-8") as file:
            json.dump(kept, file, indent=1, ensure_ascii=False)
    os._exit(0)  # the runtime's threads do not end


def run_dialect(
    engine: Engine, book: DialectBook, name: str, port: int, options: argparse.Namespace, kept: list[object]
) -> None:
    """Ask all questions in one dialect."""
    rows, again, started = [], 0, time.monotonic()
    for question, wanted in QUESTIONS[: options.each]:
        body = {
            "model": "m",
            "messages": conversation(question, options.shots),
            "tools": DECLARED["tools"],
            "temperature": 0,
            "max_tokens": options.max_tokens,
        }
        exchange = engine.open("openai-chat", "openai-chat", body, compat=book.mode("m", name, retry=options.retry))
        raw = ask(port, exchange.upstream_request)
        said = exchange.response(raw)
        if exchange.malformed:
            exchange.ask_again()
            again += 1
            said = exchange.response(ask(port, exchange.upstream_request))
        rows.append(judged(said, wanted))
        kept.append([name, question, raw["choices"][0]["message"]["content"], said["choices"][0]["message"]])
    totals = " / ".join(str(sum(row[at] for row in rows)) for at in range(3))
    print(f"{name:12} {totals} of {len(rows)}   again {again}   {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()

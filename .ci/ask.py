"""Ask a running ccproxy for a streamed Claude message and check that the stream is complete: `python ask.py URL`."""

import json
import sys
import urllib.request

REQUEST = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 64,
    "stream": True,
    "messages": [{"role": "user", "content": "Say hello."}],
}


def events_of(root):
    """The events of one streamed answer, and the content type."""
    request = urllib.request.Request(
        f"{root}/v1/messages",
        data=json.dumps(REQUEST).encode(),
        headers={"content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": "any"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=120) as response:
        lines = response.read().decode().split("\n")
        return [json.loads(line[6:]) for line in lines if line.startswith("data: ")], response.headers["content-type"]


def check(events, content_type):
    """Raise AssertionError unless the stream has all its parts, in their order."""
    kinds = [event["type"] for event in events if event["type"] != "ping"]
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    ends = [event for event in events if event["type"] == "message_delta"]
    assert content_type.startswith("text/event-stream"), content_type
    assert kinds[:2] == ["message_start", "content_block_start"], kinds
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"], kinds
    assert kinds.count("content_block_start") == kinds.count("content_block_stop"), kinds
    assert "".join(delta.get("text", "") for delta in deltas).strip(), deltas
    assert ends[0]["delta"]["stop_reason"], ends
    assert ends[0]["usage"]["output_tokens"] > 0, ends


def main():
    events, content_type = events_of(sys.argv[1])
    check(events, content_type)
    print(f"a complete stream of {len(events)} events")


if __name__ == "__main__":
    main()

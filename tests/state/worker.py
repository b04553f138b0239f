"""One worker of many: takes turns, sends requests for a key, tells what it was allowed to do. Run as a program."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from ccproxy.config.model import AccessKey, Budget
from ccproxy.routing.failures import ProxyError
from ccproxy.state.opening import open_state
from state.conftest import PRICES, request


def main(folder: str, number: str, seconds: str) -> None:
    state = open_state("sqlite:///state.db", Path(folder))
    observe = state.observer(PRICES)
    limited = AccessKey("limited", b"", requests_per_minute=40)
    thrifty = AccessKey("thrifty", b"", budget=Budget("total", tokens=3000))
    turns, admitted, refused, spent = list[int](), 0, 0, 0
    print("ready", flush=True)
    sys.stdin.readline()
    if number == "0":
        state.shared.rest("far/key-0", time.time() + 60)
    until = time.monotonic() + float(seconds)
    while time.monotonic() < until:
        first = state.shared.lease("group/alias", 4)
        turns += range(first, first + 4)
        for key in (limited, thrifty):
            try:
                state.limits.admit(key)
            except ProxyError:
                refused += 1
                continue
            admitted += key is limited
            spent += key is thrifty
            observe(request(key=key.name, usage={"input": 100}))
        time.sleep(0.02)
    resting = list(state.shared.rests())
    print(json.dumps({"turns": turns, "admitted": admitted, "spent": spent, "refused": refused, "resting": resting}))
    sys.stdout.flush()
    sys.stdin.readline()
    state.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

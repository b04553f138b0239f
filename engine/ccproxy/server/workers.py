"""Several processes on one port: the kernel spreads connections over them."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import Final

log: Final = logging.getLogger("ccproxy")


def run_workers(count: int, work: Callable[[int], int]) -> int:
    """Run `work(number)` in so many child processes until a signal ends them; a child that dies is replaced."""
    children = {_spawn(number, work): number for number in range(count)}
    stopping: list[int] = []

    def pass_on(_number: int, _frame: object) -> None:
        stopping.append(1)
        for child in list(children):
            os.kill(child, signal.SIGTERM)

    def pass_on_reload(_number: int, _frame: object) -> None:
        for child in list(children):
            os.kill(child, signal.SIGHUP)

    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, pass_on)
    signal.signal(signal.SIGHUP, pass_on_reload)
    worst = 0
    while children:
        child, status = os.wait()
        number = children.pop(child)
        code = os.waitstatus_to_exitcode(status)
        if not stopping and code < 0:
            children[_spawn(number, work)] = number
        elif code:
            worst = 1
            pass_on(0, None)
    return worst


def _spawn(number: int, work: Callable[[int], int]) -> int:
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the child can load files again
        code = work(number)
    except Exception:
        log.exception("worker %d failed unexpectedly", number)
    finally:  # the parent's own way out must not run here
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

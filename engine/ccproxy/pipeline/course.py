"""The tries of one request: which turn is next, after what pause, and when to give up."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING, Final

from ccproxy.pipeline.setback import NOT_UNDERSTOOD, TOOLS_ASKED
from ccproxy.pipeline.transfer import Transfer
from ccproxy.routing.facts import Attempt
from ccproxy.routing.failures import ProxyError

if TYPE_CHECKING:
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.call import Call
    from ccproxy.pipeline.injecting import Injection
    from ccproxy.pipeline.plan import Plan
    from ccproxy.pipeline.setback import Setback
    from ccproxy.routing.rotation import Turn
    from ccproxy.routing.router import Choice

    Prepare = Callable[[Plan], tuple[bytes, Answer]]

FIRST_PAUSE_S: Final = 0.4
LONGEST_PAUSE_S: Final = 8.0


async def ask_in_turn(
    call: Call, choice: Choice, prepare: Prepare, hold: bool = True, injection: Injection | None = None
) -> None:
    """Send a request to one turn after the other until one answers; give the last failure to the client.

    `prepare` makes the request for a plan; without `hold` the first answer counts, whatever it is. `injection` runs
    the tools that an answer asks the proxy for.
    """
    course = Course(call, choice, hold)
    plan = course.begin()
    request, answer = prepare(plan)
    while True:
        transfer = Transfer(call, plan, answer, hold=course.may_go_on())
        started = time.monotonic()
        setback = await transfer.run(request)
        course.note(plan, transfer, setback, time.monotonic() - started)
        if setback is None:
            return
        if setback.error["kind"] == NOT_UNDERSTOOD:
            request, answer = answer.again()
            continue
        if injection is not None and setback.error["kind"] == TOOLS_ASKED:
            call.facts.usage = answer.usage()
            await injection.run(transfer.delivery.ping)
            course.begin_round()
            request, answer = prepare(plan)
            continue
        following = course.repeat() if setback.again else await course.after(setback)
        if following is None:
            transfer.delivery.deliver(setback)
            return
        plan = following
        request, answer = prepare(plan)


class Course:
    """State of one request's tries."""

    def __init__(self, call: Call, choice: Choice, hold: bool = True) -> None:
        self._call = call
        self._choice = choice
        self._board = call.tools.health
        self._rules = call.tools.resilience
        self._left = self._rules.retries if hold else 0
        self._until = time.monotonic() + self._rules.retry_for_s
        self._untried = list(choice.turns)
        self._tried: list[tuple[Choice, Turn]] = []
        self._waited_s = 0.0

    def begin(self) -> Plan:
        """Return the plan of the first try; raise when the provider asked to be left alone for longer."""
        turn = self._take_ready()
        if turn is None:
            turn = min(self._untried, key=self._board.ready_in)
            wait_s = self._board.asked_wait(turn)
            if wait_s > 0 and (other := self._fall_back()) is not None:
                turn = other
            elif wait_s > 0:
                raise _all_rest(self._choice.model, wait_s)
            else:
                self._untried.remove(turn)
        return self._plan(turn)

    def may_go_on(self) -> bool:
        """Whether a failure of the current try may be followed by another."""
        return self._left > 0 and time.monotonic() < self._until

    def begin_round(self) -> None:
        """Allow as many failures as at first: tools were run, and the model goes on."""
        self._left = self._rules.retries
        self._until = time.monotonic() + self._rules.retry_for_s

    def repeat(self) -> Plan:
        """Return the plan of the same turn, which what was learned has changed."""
        self._choice, turn = self._tried[-1]
        return self._plan(turn)

    async def after(self, setback: Setback) -> Plan | None:
        """Return the plan of the next try, after the pause that it needs; None to give up."""
        if not self.may_go_on():
            return None
        self._left -= 1
        turn = self._take_ready() or self._fall_back()
        if turn is not None:
            self._waited_s = 0.0
            return self._plan(turn)
        choice, turn = min(self._tried, key=lambda tried: self._board.ready_in(tried[1]))
        pause_s = max(self._pause(), self._board.ready_in(turn), setback.retry_after_s or 0.0)
        if time.monotonic() + pause_s > self._until:
            return None
        self._waited_s = pause_s
        await asyncio.sleep(pause_s)
        self._choice = choice
        return self._plan(turn)

    def note(self, plan: Plan, transfer: Transfer, setback: Setback | None, seconds: float) -> None:
        """Write down how a try went, for the log and for those who come later."""
        facts, turn = self._call.facts, plan.turn
        if setback is not None and setback.error["kind"] == TOOLS_ASKED:
            setback = None  # a success, as far as the provider goes
        status = transfer.delivery.status if setback is None else setback.status
        outcome = transfer.delivery.outcome if setback is None else str(setback.error.get("kind"))
        facts.attempts.append(
            Attempt(turn.provider.name, plan.model, turn.key_index, status, outcome, seconds, self._waited_s)
        )
        if setback is not None and setback.again:
            return
        if setback is not None:
            self._board.fail(turn, setback.status, setback.retry_after_s)
        elif outcome == "ok":
            self._board.succeed(turn)
        elif transfer.delivery.blames_provider:
            self._board.fail(turn, status, transfer.retry_after_s)

    def _take_ready(self) -> Turn | None:
        """Take the next turn that was not tried and does not rest."""
        for turn in self._untried:
            if self._board.ready_in(turn) <= 0:
                self._untried.remove(turn)
                return turn
        return None

    def _fall_back(self) -> Turn | None:
        """Go on with the group that this one falls back to."""
        following = self._call.tools.planner.fall_back(self._choice)
        while following is not None:
            self._choice = following
            self._untried = list(following.turns)
            turn = self._take_ready()
            if turn is not None:
                return turn
            following = self._call.tools.planner.fall_back(following)
        return None

    def _plan(self, turn: Turn) -> Plan:
        self._board.take(turn)
        self._tried.append((self._choice, turn))
        plan = self._call.tools.planner.plan(self._call, self._choice, turn)
        facts = self._call.facts
        facts.group, facts.alias = self._choice.group, self._choice.alias.pattern
        facts.provider, facts.model, facts.way = turn.provider.name, plan.model, plan.way
        return plan

    def _pause(self) -> float:
        """Return a pause that doubles with each try, with a random part so that clients do not come back together."""
        whole: float = min(FIRST_PAUSE_S * 2 ** (len(self._tried) - 1), LONGEST_PAUSE_S)
        return whole * random.uniform(0.5, 1.0)


def _all_rest(model: str, wait_s: float) -> ProxyError:
    said = f"Every provider of `{model[:200]}` asked to wait; the first can be asked again in {wait_s:.0f} seconds."
    return ProxyError("rate_limit", 429, said, retry_after=ceil(wait_s))

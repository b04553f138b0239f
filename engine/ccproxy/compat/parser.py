"""Finds calls in text while it arrives: text flows on at once, and only what may begin a call is held back.

Text in code fences, thoughts and backticks talks about calls and makes none, unless the fence is what the answer begins
with.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ccproxy.compat.calls import CallReader
from ccproxy.compat.events import CallWriter, Event, merged
from ccproxy.compat.grammar import Begin
from ccproxy.compat.regions import Fence, Line, Thoughts
from ccproxy.compat.source import NotACallError, Source

if TYPE_CHECKING:
    from ccproxy.compat.grammar import Grammar
    from ccproxy.compat.source import Reading
    from ccproxy.compat.toolbox import Toolbox

BARE_JSON: Final = Begin("", strict=True)
_FENCED: Final = re.compile(r"```[\w-]*[ \t]*\n\s*")
_CLOSING_FENCE: Final = "```"


class CallParser:
    """State of one answer's text.

    While `may_hold`, an answer that is not understood is kept from the client, so that the model can be asked again.
    What was not understood is in `malformed`, and why in `reason`.
    """

    def __init__(self, grammar: Grammar, toolbox: Toolbox) -> None:
        self._grammar = grammar
        self._writer = CallWriter(toolbox)
        self.may_hold = False
        self._held = ""
        self._line = Line()
        self._region: Fence | Thoughts | None = None
        self._fresh = True  # nothing but blanks since the beginning or the last call
        self._after_call = False
        self._lead = ""  # text before a call that vanishes with it
        self._closing = ""  # the end of the fence around calls
        self._source = Source()
        self._reading: Reading[None] | None = None
        self._begin = BARE_JSON
        self._raw: list[str] = []  # the text of the call that is being read, from its marker on
        self._said = 0  # how many events stood before this call, and were not given away yet
        self._given = False  # whether events of this call have been given away
        self._kept: list[str] | None = None
        self.malformed = ""
        self.reason = ""

    @property
    def calls(self) -> int:
        """How many calls were begun."""
        return self._writer.count

    @property
    def unsaid(self) -> str:
        """The answer that is kept; where none is, the part of it that was not understood."""
        return "".join(self._kept) if self._kept is not None else self.malformed

    @property
    def is_kept(self) -> bool:
        return self._kept is not None

    @property
    def is_in_call(self) -> bool:
        return self._reading is not None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is held back."""
        return not (self._held or self.is_in_call or self.is_kept)

    def passes(self, text: str) -> bool:
        """Whether text can go on as it is; notes that it did."""
        if self._fresh or not self.is_idle or self._grammar.trigger.search(text):
            return False
        self._line.note(text)
        return True

    def feed(self, text: str) -> list[Event]:
        """What the text says, and what was held back before it."""
        if self._kept is not None:
            self._kept.append(text)
            return []
        if self._reading is not None:
            self._raw.append(text)
            self._source.feed(text)
            self._read_on(self._reading)
        else:
            self._held += text
        self._scan(final=False)
        return self._give()

    def finish(self, *, cut: bool = False) -> list[Event]:
        """What is left; `cut`: the text was broken off and did not end by itself. The next text begins anew.

        An answer that is kept, perhaps only now, is said when this is called again.
        """
        if self._kept is not None:
            self._writer.events.append(Event("text", "".join(self._kept)))
            self._held, self._kept, self.may_hold = "", None, False
        self._scan(final=True)
        while self._reading is not None:
            self._end_reading(self._reading, cut)
            self._scan(final=True)
        events = self._give()
        self._line, self._region, self._fresh, self._closing = Line(), None, True, ""
        return events

    def _give(self) -> list[Event]:
        if self.is_kept:
            return []
        events = self._writer.events
        self._given = self._reading is not None and (self._given or len(events) > self._said)
        self._writer.events, self._said = [], 0
        return events if len(events) < 2 else list(merged(events))

    # ---- text -----------------------------------------------------------------------------------

    def _scan(self, *, final: bool) -> None:
        """Say what is certain of the held text; begin the calls in it."""
        while self._held and self._reading is None and self._kept is None:
            if self._region is not None:
                goes_on = self._pass_region(self._region, final)
            else:
                goes_on = not self._fresh or self._look_at_start(final)
                if goes_on and self._held and self._reading is None and self._region is None:
                    goes_on = self._pass_text(final)
            if not goes_on:
                return

    def _look_at_start(self, final: bool) -> bool:
        """Pass what may stand before a call that begins an answer; false when more must be known."""
        text = self._held.lstrip()
        if self._after_call and not self._pass_endings(text, final):
            return False
        text = self._held.lstrip()
        if not text:
            if final:
                self._say_held(len(self._held))
            return False
        if not final and self._grammar.may_begin(text):
            return False
        close = self._grammar.thoughts_end(text)
        if close and not self._after_call:
            self._region = Thoughts(close)
            return True
        if text.startswith(self._grammar.markers):
            return True
        if text[0] in "{[":
            self._start(len(self._held) - len(text), BARE_JSON)
        elif text[0] == "`":
            return self._look_into_fence(text, final)
        return True

    def _pass_endings(self, text: str, final: bool) -> bool:
        """Pass what may stand behind a call; false when more must be known."""
        tags = [end for end in self._begin.ends if end[0] != "`"]
        endings = (self._closing, *self._grammar.afters, *tags)
        while not text.startswith(self._grammar.markers) and (final or text not in self._grammar.prefixes):
            passed = next((mark for mark in endings if mark and text.startswith(mark)), "")
            if not passed:
                break
            text = text[len(passed) :].lstrip()
            self._held = text
            self._closing = "" if passed == self._closing else self._closing
        return final or not any(mark.startswith(text) for mark in endings)

    def _look_into_fence(self, text: str, final: bool) -> bool:
        """Open a fence that begins the answer and holds a call; false when more must be known."""
        match = _FENCED.match(text)
        inside = text[match.end() :] if match else ""
        if inside.startswith(self._grammar.markers) or inside[:1] in ("{", "["):
            self._lead = self._held[: len(self._held) - len(inside)]
            self._held, self._closing = inside, _CLOSING_FENCE
            if not inside.startswith(self._grammar.markers):
                self._start(0, BARE_JSON)
            return True
        return final or not (inside and inside in self._grammar.prefixes)

    def _pass_text(self, final: bool) -> bool:
        """Say text up to the next marker or fence; whether there is more to do."""
        stop = len(self._held) if final else self._grammar.certain(self._held)
        line, pattern = self._line.text, self._grammar.marker
        match = pattern.search(line + self._held)
        while match and (at := max(0, match.start() - len(line))) < stop:
            if match["fence"]:
                self._say_held(max(0, match.end() - len(line)))
                self._region, self._line.text = Fence(match["fence"].lstrip()), "x"
                return True
            if not self._line.is_talk(self._held, at):
                return self._at_marker(at, match["marker"], final)
            match = pattern.search(line + self._held, match.end())
        self._say_held(stop)
        return False

    def _at_marker(self, at: int, marker: str, final: bool) -> bool:
        """Begin a call; or pass what stands around calls, if one follows."""
        begin = self._grammar.begins.get(marker)
        if begin is not None:
            self._start(at, begin)
            return True
        behind = self._held[at + len(marker) :].lstrip()
        if behind.startswith(self._grammar.markers):
            if not self._fresh or self._held[:at].strip():
                self._say_held(at)
            self._lead += self._held[: len(self._held) - len(behind)]
            self._held, self._fresh = behind, True
            return True
        waits = not final and (not behind or behind in self._grammar.prefixes)
        self._say_held(at if waits else at + len(marker))
        return not waits

    def _pass_region(self, region: Fence | Thoughts, final: bool) -> bool:
        """Say text up to the end of a region; whether that was reached."""
        end = region.end(self._line.text, self._held)
        if end < 0:
            self._say_held(len(self._held) if final else region.certain(self._held))
            return False
        self._say_held(end)
        self._region, self._line.text = None, "x"
        self._fresh = self._fresh or isinstance(region, Thoughts)
        return True

    def _say_held(self, size: int) -> None:
        text, self._held = self._held[:size], self._held[size:]
        self._say(text)

    def _say(self, text: str) -> None:
        text = text.lstrip() if self._after_call and self._fresh else text
        if text:
            self._writer.events.append(Event("text", text))
            self._fresh = self._fresh and text.isspace()
            self._line.note(text)

    # ---- calls ----------------------------------------------------------------------------------

    def _start(self, at: int, begin: Begin) -> None:
        """Begin a call at a place of the held text, and read what is there of it."""
        if self._fresh and not self._held[:at].strip():
            self._lead += self._held[:at]
        else:
            self._say(self._held[:at])
        self._raw, self._source = [self._held[at:]], Source(self._held[at + len(begin.literal) :])
        self._held = ""
        self._begin, self._said, self._given = begin, len(self._writer.events), False
        self._reading = CallReader(self._source, self._writer, self._grammar).read(begin)
        self._read_on(self._reading)

    def _read_on(self, reading: Reading[None]) -> None:
        try:
            next(reading)
        except StopIteration:
            self._leave_call()
        except NotACallError as failure:
            self._fail(failure)

    def _end_reading(self, reading: Reading[None], cut: bool) -> None:
        """No more will come for the call that is being read."""
        self._source.ended = True
        if cut and self._given:
            self._writer.leave()
            self._leave_call()
        elif cut:
            self._fail(NotACallError("the answer was cut off", plausible=False))
        else:
            self._read_on(reading)

    def _leave_call(self) -> None:
        self._reading, self._held, self._lead = None, self._source.rest, ""
        self._fresh = self._after_call = True
        self._line.text = ""

    def _fail(self, failure: NotACallError) -> None:
        """Take back what was no call; where some of it was said already, it stays a call."""
        if self._given:
            self._writer.end()
            self._leave_call()
            return
        self._reading = None
        del self._writer.events[self._said :]
        self._writer.forget()
        raw, lead, self._lead = "".join(self._raw), self._lead, ""
        if failure.plausible:
            self.malformed, self.reason = self.malformed or raw, self.reason or str(failure)
            if self._fresh and not self._after_call and self.may_hold:
                self._kept = [lead, raw]
                return
        if self._closing:
            self._closing, self._fresh, self._held = "", False, lead + raw
            return
        passed = len(raw) - len(self._source.rest) if failure.plausible else max(1, len(self._begin.literal))
        self._say(lead + raw[:passed])
        self._fresh, self._held = False, raw[passed:]

"""`Emitter`: Python source under construction, each line with the place in the mapping that it comes from.

    with emitter.block("def convert(v):"):
        emitter.at(span)
        emitter.line("return v")
    namespace = emitter.load("<mapping claude/request>")

It also remembers, per straight run of lines, which temporary already holds which computation (`known`), so that the
expression compiler reads a field once. Names given to it must not be assigned anew within the same block.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager

_INDENT = "    "


class Lines(list[tuple[str, object]]):
    """Lines taken out of an emitter, without their indentation, each with its place."""


class Emitter:
    """Collects lines, constants and places; `source()` and `places` belong together line by line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.places: list[object] = []
        self.constants: dict[str, object] = {}
        self.made: dict[int, object] = {}  # what users of the emitter keep per module
        self._place: object = None
        self._known: list[dict[str, str]] = [{}]
        self._names: dict[int, str] = {}
        self._count = 0

    # ---- names ------------------------------------------------------------------------------------

    def temp(self) -> str:
        """Return a fresh local name."""
        self._count += 1
        return f"t{self._count}"

    def constant(self, value: object) -> str:
        """Return the global name under which generated code sees the object; the same object gets the same name."""
        if id(value) not in self._names:
            name = self._free_name(_natural_name(value))
            self._names[id(value)] = name
            self.constants[name] = value
        return self._names[id(value)]

    def _free_name(self, wish: str) -> str:
        name, number = wish, 1
        while name in self.constants:  # two objects may well have one name
            number += 1
            name = f"{wish}_{number}"
        return name

    # ---- lines ------------------------------------------------------------------------------------

    def at(self, place: object) -> None:
        """Lines from here on come from this place."""
        self._place = place

    def line(self, code: str) -> None:
        self.lines.append(_INDENT * (len(self._known) - 1) + code)
        self.places.append(self._place)

    def indent(self) -> None:
        """Open a block. What was known outside stays known inside, but not within another function."""
        opens_function = bool(self.lines) and self.lines[-1].lstrip().startswith(("def ", "async def "))
        self._known.append({} if opens_function else dict(self._known[-1]))

    def dedent(self) -> None:
        self._known.pop()

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        self.line(header)
        self.indent()
        yield
        self.dedent()

    @property
    def known(self) -> dict[str, str]:
        """Computation -> the local name that holds it, valid for lines at the present position."""
        return self._known[-1]

    def forget(self, mark: int, known: dict[str, str]) -> None:
        """Take back the lines after the first `mark`, all of the present block, and what they made known."""
        del self.lines[mark:], self.places[mark:]
        self._known[-1].clear()
        self._known[-1].update(known)

    def take(self, mark: int) -> Lines:
        """Take out the lines after the first `mark`."""
        taken = Lines(zip((line.lstrip() for line in self.lines[mark:]), self.places[mark:], strict=True))
        del self.lines[mark:], self.places[mark:]
        return taken

    def insert(self, at: int, code: str) -> None:
        """Put a line before another one, in the present block."""
        self.insert_all(at, Lines([(code, self._place)]))

    def insert_all(self, at: int, lines: Lines) -> None:
        indent = _INDENT * (len(self._known) - 1)
        self.lines[at:at] = [indent + code for code, _ in lines]
        self.places[at:at] = [place for _, place in lines]

    # ---- the module -------------------------------------------------------------------------------

    def source(self) -> str:
        return "\n".join(self.lines) + "\n"

    def load(self, filename: str) -> dict[str, object]:
        """Compile and run the module; return its names. Tracebacks name `filename`, whose lines `places` explains."""
        namespace: dict[str, object] = dict(self.constants)
        exec(compile(self.source(), filename, "exec"), namespace)  # our own source: no text from outside is pasted in
        return namespace


def failing_place(error: BaseException, filename: str, places: list[object]) -> object:
    """Return the place of the innermost generated line that an exception passed through."""
    place: object = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename and 0 < trace.tb_lineno <= len(places):
            place = places[trace.tb_lineno - 1]
        trace = trace.tb_next
    return place


def _natural_name(value: object) -> str:
    """An underscore keeps it apart from every local name of generated code."""
    if inspect.isfunction(value) or inspect.isbuiltin(value) or inspect.isclass(value):
        return f"_{value.__name__}"
    name = getattr(value, "name", None)
    return f"_{name}" if isinstance(name, str) and name.isidentifier() else "_constant"

"""What goes wrong with expressions: before they run, and while they run."""

from __future__ import annotations


class ExpressionError(Exception):
    """The text is no expression; `offset` and `length` say where in it."""

    def __init__(self, code: str, message: str, offset: int, length: int = 1) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.offset = offset
        self.length = length


class ExpressionFailure(Exception):  # noqa: N818  (a run-time event; ExpressionError is the static one)
    """An expression met data that it cannot work on; `code` is JSONata's, `place` where the mapping says it."""

    def __init__(self, code: str, message: str, place: object = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.place = place

"""Turns an unexpected failure inside generated code into one that names the mapping rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.conversion.errors import MappingFailure, RequestRejected, UpstreamError
from ccproxy.mapping.codegen.runtime import Rejection

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from ccproxy.diagnostics.model import Span

EXPECTED = (Rejection, RequestRejected, UpstreamError, MappingFailure)


class Guard:
    """A reusable context manager; `find_place` looks the failing generated line up."""

    __slots__ = ("_find_place",)

    def __init__(self, find_place: Callable[[BaseException], Span | None]) -> None:
        self._find_place = find_place

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.explain(error)

    def explain(self, error: BaseException) -> None:
        """Raise MappingFailure for an error that nobody expected; return for all others."""
        if isinstance(error, Exception) and not isinstance(error, EXPECTED):
            raise MappingFailure(error, self._find_place(error)) from error

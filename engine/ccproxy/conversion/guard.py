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
        if error is None or not isinstance(error, Exception) or isinstance(error, EXPECTED):
            return
        raise MappingFailure(error, self._find_place(error)) from error

"""How a conversion can end other than well."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Diagnostic, Span
    from ccproxy.jsontypes import Json


class MappingError(Exception):
    """Mapping files are wrong; `diagnostics` says where."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        first = diagnostics[0] if diagnostics else None
        super().__init__(f"{first.span.file}:{first.span.line}: {first.message}" if first else "no mappings")
        self.diagnostics = diagnostics


class RequestRejected(Exception):  # noqa: N818  (a refusal is not a defect)
    """The client's request cannot be served; `error` is a unified error for the client."""

    def __init__(self, error: dict[str, Json]) -> None:
        super().__init__(str(error.get("message")))
        self.error = error


class UpstreamError(Exception):
    """The upstream's answer is an error although its status was good; `error` is a unified error."""

    def __init__(self, error: dict[str, Json]) -> None:
        super().__init__(str(error.get("message")))
        self.error = error


class MappingFailure(Exception):  # noqa: N818
    """A mapping rule failed while running: a bug in a mapping (code B901). `place` is the rule."""

    def __init__(self, reason: BaseException, place: Span | None) -> None:
        where = f"{place.file}:{place.line}: " if place else ""
        super().__init__(f"{where}{type(reason).__name__}: {reason}")
        self.place = place

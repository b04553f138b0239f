"""Request paths to routes: a compiled table, made once from the facts of all protocols.

A protocol's own routes always win, so no group can shadow them; then `/compat` before a route. Everything else is
`/{group}` or `/{group}/compat` before one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

CACHED_PATHS: Final = 4096
COMPAT: Final = frozenset({"compat", "compat_mode"})
_PARAMETER: Final = re.compile(r"\{(\w+)(?:=([\w|]+))?\}")


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path template of one operation of one protocol."""

    protocol: str
    operation: str
    method: str
    template: str


@dataclass(frozen=True, slots=True)
class Match:
    """What a path leads to: routes by method, the group before them, path parameters, whether tools go by prompt."""

    routes: Mapping[str, tuple[Route, ...]]
    group: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    compat: bool = False


@dataclass(frozen=True, slots=True)
class _Pattern:
    regex: re.Pattern[str]
    routes: Mapping[str, tuple[Route, ...]]


class RouteTable:
    """Finds routes; remembers paths that it has seen."""

    def __init__(self, routes: Iterable[Route]) -> None:
        by_template: dict[str, dict[str, tuple[Route, ...]]] = {}
        for route in routes:
            methods = by_template.setdefault(route.template, {})
            methods[route.method] = (*methods.get(route.method, ()), route)
        self._fixed = {template: methods for template, methods in by_template.items() if "{" not in template}
        self._patterns = tuple(
            _Pattern(_compile_template(template), methods)
            # what follows a parameter says more than the parameter alone
            for template, methods in sorted(by_template.items(), key=lambda entry: -entry[0].count("{"))
            if "{" in template
        )
        self._prefixes = _prefixes(by_template)
        self._seen: dict[str, Match | None] = {}
        self.first_segments = frozenset(template.split("/")[1] for template in by_template)

    def find(self, path: str) -> Match | None:
        """Return what a raw path (without query) leads to."""
        try:
            return self._seen[path]
        except KeyError:
            match = self._resolve(normal_path(path))
            if len(self._seen) >= CACHED_PATHS:
                self._seen.clear()
            self._seen[path] = match
            return match

    def protocols_near(self, path: str) -> tuple[str, ...]:
        """Return the protocols whose paths begin most like this one, in order; none when nothing does."""
        steps = normal_path(path)[1:].split("/")
        for start in (steps, steps[1:]):
            for length in range(len(start), 0, -1):
                found = self._prefixes.get(tuple(start[:length]))
                if found:
                    return tuple(found)
        return ()

    def _resolve(self, path: str) -> Match | None:
        direct = self._find_direct(path, None)
        if direct is not None:
            return direct
        first, _, rest = path[1:].partition("/")
        if not rest:
            return None
        if first in COMPAT:
            return self._find_direct("/" + rest, None, compat=True)
        second, _, further = rest.partition("/")
        if second in COMPAT and further:
            return self._find_direct("/" + further, unquote(first), compat=True)
        return self._find_direct("/" + rest, unquote(first)) if first else None

    def _find_direct(self, path: str, group: str | None, compat: bool = False) -> Match | None:
        path = without_doubled_version(path)
        routes = self._fixed.get(path)
        if routes is not None:
            return Match(routes, group, compat=compat)
        for pattern in self._patterns:
            hit = pattern.regex.fullmatch(path)
            if hit:
                named = {name: unquote(text) for name, text in hit.groupdict().items()}
                return Match(pattern.routes, group, named, compat)
        return None


def _prefixes(by_template: Mapping[str, Mapping[str, tuple[Route, ...]]]) -> dict[tuple[str, ...], dict[str, None]]:
    """Return the protocols of every beginning of a path."""
    prefixes: dict[tuple[str, ...], dict[str, None]] = {}
    for template, methods in by_template.items():
        steps = template[1:].partition("{")[0].rstrip("/").split("/")
        for length in range(1, len(steps) + 1):
            known = prefixes.setdefault(tuple(steps[:length]), {})
            known.update({route.protocol: None for routes in methods.values() for route in routes})
    return prefixes


def normal_path(path: str) -> str:
    """Return the path without doubled and trailing slashes."""
    if "//" in path:
        path = re.sub(r"/{2,}", "/", path)
    return path.rstrip("/") or "/"


def without_doubled_version(path: str) -> str:
    """Return `/v1/x` for `/v1/v1/x`, which clients send whose base URL already ends in `/v1`."""
    first, _, rest = path[1:].partition("/")
    return "/" + rest if rest.startswith(first + "/") and first.startswith("v") else path


def _compile_template(template: str) -> re.Pattern[str]:
    """Compile `{name}` to one or more characters; the last of several may not hold a slash or colon.

    `{name=a|b}` stands for one of these words.
    """
    parameters = list(_PARAMETER.finditer(template))
    text, end = "", 0
    for parameter in parameters:
        name, words = parameter.groups()
        is_last = parameter is parameters[-1] and len(parameters) > 1
        text += re.escape(template[end : parameter.start()])
        text += f"(?P<{name}>{words or ('[^/:]+' if is_last else '.+')})"
        end = parameter.end()
    return re.compile(text + re.escape(template[end:]))

"""A pytest plugin: every `session.yaml` below the tests is a test of what the mappings make of it.

With syrupy, each stage of today's run is compared with a snapshot in `__snapshots__` of the session's folder; without,
the run is compared with the recording. Every pytest loads this where ccproxy is installed, so nothing is imported until
a session is found.
"""

from __future__ import annotations

import types
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccproxy.jsontypes import Json
    from ccproxy.record.replaying import Stage
    from ccproxy.record.rules import Normalisation
    from ccproxy.record.session import Session

META: Final = "session.yaml"
MARK: Final = "recording:"
MAPPINGS: Final = "ccproxy_mappings"
SESSIONS: Final = "ccproxy_sessions"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the settings."""
    parser.addini(SESSIONS, "whether session.yaml files are tests (default: true)", type="bool", default=True)
    parser.addini(MAPPINGS, "folders of mappings laid over the built-in ones", type="paths", default=[])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SessionModule | None:
    """Take the sessions that ccproxy recorded; other files of that name are none of ours."""
    if file_path.name != META or not parent.config.getini(SESSIONS):
        return None
    with file_path.open(encoding="utf-8", errors="replace") as lines:
        if not any(line.startswith(MARK) for line in lines):
            return None
    return SessionModule.from_parent(parent, path=file_path)


class SessionModule(pytest.Module):
    """One session, as a module with a test for each stage."""

    def _getobj(self) -> types.ModuleType:
        from ccproxy.record.reading import read_session  # noqa: PLC0415

        session = read_session(self.path.parent)
        module = types.ModuleType(f"session_{self.path.parent.name}")
        compares = _snapshot_tests if self.config.pluginmanager.has_plugin("syrupy") else _recorded_tests
        for test in compares(session, _Played(session, self.config)):
            test.__module__ = module.__name__
            setattr(module, test.__name__, test)
        return module


class _Played:
    """State: what today's mappings make of a session, found out by the first test that asks."""

    def __init__(self, session: Session, config: pytest.Config) -> None:
        self._session = session
        self._config = config
        self._stages: dict[str, Json] | None = None

    def stage(self, name: str) -> Json:
        """Return one stage in a form in which runs are alike; skip the test where there is none."""
        if self._stages is None:
            self._stages = self._play()
        if name not in self._stages:
            pytest.skip("this session has no such stage")
        return self._stages[name]

    def _play(self) -> dict[str, Json]:
        from ccproxy.record.comparing import told  # noqa: PLC0415
        from ccproxy.record.conversing import NotReplayableError  # noqa: PLC0415

        stage, rules = opened(self._config)
        try:
            run = stage.play(self._session)
        except NotReplayableError as reason:
            pytest.skip(f"it cannot be replayed: {reason}")
        if run.failure:
            pytest.fail(run.failure, pytrace=False)
        return told(self._session, run, stage.engine, rules)


def opened(config: pytest.Config) -> tuple[Stage, Normalisation]:
    """Return the mappings of this run of pytest, loaded once."""
    known = config.stash.get(_OPENED, None)
    if known is None:
        from ccproxy.datadirs import find_data_dirs  # noqa: PLC0415
        from ccproxy.record.replaying import open_stage  # noqa: PLC0415
        from ccproxy.record.rules import load_normalisation  # noqa: PLC0415

        roots = (*find_data_dirs("mappings"), *config.getini(MAPPINGS))
        known = config.stash[_OPENED] = open_stage(roots), load_normalisation(roots)
    return known


_OPENED: Final = pytest.StashKey["tuple[Stage, Normalisation]"]()


def _snapshot_tests(_session: Session, played: _Played) -> list[Callable[..., None]]:
    def test_unified_request(snapshot: object) -> None:
        assert played.stage("unified requests") == snapshot

    def test_upstream_request(snapshot: object) -> None:
        assert played.stage("upstream requests") == snapshot

    def test_dropped_fields(snapshot: object) -> None:
        assert played.stage("dropped fields") == snapshot

    def test_client_answer(snapshot: object) -> None:
        assert played.stage("client answer") == snapshot

    return [test_unified_request, test_upstream_request, test_dropped_fields, test_client_answer]


def _recorded_tests(session: Session, _played: _Played) -> list[Callable[..., None]]:
    def test_as_recorded(pytestconfig: pytest.Config) -> None:
        from ccproxy.record.replaying import replay  # noqa: PLC0415
        from ccproxy.record.report import Finding, render_full  # noqa: PLC0415

        verdict = replay(session, *opened(pytestconfig))
        if verdict.skipped:
            pytest.skip(f"it cannot be replayed: {verdict.skipped}")
        if verdict.differences:
            lines = tuple(tuple(() for _ in difference.changes) for difference in verdict.differences)
            pytest.fail(render_full([Finding(session.id, verdict, lines)], colour=False), pytrace=False)

    return [test_as_recorded]

"""`ccproxy replay`: play recorded sessions again through today's mappings, and show what changed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from ccproxy.cli.mappings_option import add_mappings_option, mapping_roots
from ccproxy.cli.terminal import wants_colour
from ccproxy.conversion.errors import MappingError
from ccproxy.record.blame import Blame, changed_lines, files_of
from ccproxy.record.reading import SessionError, find_sessions, read_session
from ccproxy.record.replaying import accepted, open_stage, replay, replay_against
from ccproxy.record.report import Finding, render_full, render_json
from ccproxy.record.revisions import RevisionError, export_revision
from ccproxy.record.rules import RulesError, load_normalisation
from ccproxy.record.writing import rewrite_session

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from ccproxy.cli.subparsers import Subparsers
    from ccproxy.record.blame import Line
    from ccproxy.record.replaying import Stage, Verdict
    from ccproxy.record.rules import Normalisation
    from ccproxy.record.session import Session

EXAMPLE: Final = "example: ccproxy replay sessions/ --against HEAD~1"


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser(
        "replay",
        help="play recorded sessions again through today's mappings",
        description="Play sessions offline and show what differs. Exit 0 nothing, 1 differences, 2 wrong usage.",
        epilog=EXAMPLE,
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="DIR", help="folders of sessions, or one session")
    parser.add_argument("--update", action="store_true", help="accept what is different into the sessions")
    parser.add_argument(
        "--against", metavar="REV", help="compare with the mappings of a git revision, not the recording"
    )
    parser.add_argument("--format", choices=("full", "json"), default="full", help="form of the output (default: full)")
    parser.add_argument("--verbose", action="store_true", help="name the sessions that are as recorded too")
    add_mappings_option(parser)


def run(args: argparse.Namespace) -> int:
    """Replay and report."""
    folders = list(find_sessions(args.paths))
    if not folders:
        print(f"ccproxy replay: no session.yaml at or below {', '.join(map(str, args.paths))}", file=sys.stderr)
        return 2
    if args.update and args.against:
        print("ccproxy replay: --update accepts differences from the recording, not from a revision", file=sys.stderr)
        return 2
    roots, updated = mapping_roots(args.mappings), 0
    try:
        with TemporaryDirectory(prefix="ccproxy-replay-") as temporary:
            player = Player(roots, args.against, Path(temporary))
            findings = [player.find(folder) for folder in folders]
            if args.update:
                updated = sum(map(player.accept, folders, findings))
    except (MappingError, RulesError, RevisionError, SessionError) as error:
        print(f"ccproxy replay: {error}", file=sys.stderr)
        return 2
    colour = wants_colour(sys.stdout, os.environ)
    told = render_json(findings) if args.format == "json" else render_full(findings, colour, args.verbose)
    print(told, end="")
    if args.update:
        print(f"ccproxy replay: {updated} sessions updated", file=sys.stderr)
        return 0
    return 1 if any(finding.verdict.differences for finding in findings) else 0


class Player:
    """State of one run: the mappings of today, perhaps those of a revision, and who is to blame."""

    def __init__(self, roots: Sequence[Path], revision: str | None, temporary: Path) -> None:
        self._rules: Normalisation = load_normalisation(roots)
        self._stage: Stage = open_stage(roots)
        self._old: Stage | None = None
        changed: frozenset[Line] = frozenset()
        if revision is not None:
            then = [export_revision(revision, root, temporary / str(number)) for number, root in enumerate(roots)]
            self._old = open_stage(then)
            changed = changed_lines(files_of(self._old.roots), files_of(self._stage.roots))[1]
        self._blame = Blame(self._stage, changed)

    def find(self, folder: Path) -> Finding:
        """Play one session and find the lines responsible for what differs."""
        session = read_session(folder)
        if self._old is not None:
            verdict = replay_against(session, self._old, self._stage, self._rules)
        else:
            verdict = replay(session, self._stage, self._rules)
        return Finding(folder.name, verdict, self._lines(session, verdict))

    def accept(self, folder: Path, finding: Finding) -> bool:
        """Write what a run came to over what was recorded; False when they are the same."""
        run = finding.verdict.run
        if not finding.verdict.differences or run is None or run.failure:
            return False
        rewrite_session(folder, accepted(read_session(folder), run))
        return True

    def _lines(self, session: Session, verdict: Verdict) -> tuple[tuple[tuple[Line, ...], ...], ...]:
        if not verdict.differences:
            return ()
        ran = self._blame.ran(session)
        return tuple(
            tuple(tuple(self._blame.lines(session, difference, change, ran)) for change in difference.changes)
            for difference in verdict.differences
        )

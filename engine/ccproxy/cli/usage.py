"""`ccproxy usage`: what was asked, how it went, what it cost."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.cli.file_kinds import CONFIG_FILE
from ccproxy.cli.setup import add_config_option
from ccproxy.cli.table import columns
from ccproxy.config.environment import load_variables
from ccproxy.config.section import Reading, Section
from ccproxy.config.state import FILE_SCHEME
from ccproxy.config.units import parse_duration, parse_moment
from ccproxy.state.opening import file_of
from ccproxy.state.reports import GROUPINGS, Line, read_total, read_usage
from ccproxy.state.store import StoreError
from ccproxy.yamltree.loader import load_yaml

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from ccproxy.cli.subparsers import Subparsers

EXAMPLE: Final = "example: ccproxy usage --by model --since 30d"
FORMATS: Final = ("table", "json", "csv")
NARROWEST_BAR: Final = 10
WIDEST_BAR: Final = 40
EIGHTHS: Final = " ▏▎▍▌▋▊▉"


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser("usage", help="tell what was asked, how it went and what it cost", epilog=EXAMPLE)
    parser.add_argument("--by", choices=tuple(GROUPINGS), default="day", help="what each line is about (default: day)")
    parser.add_argument(
        "--since",
        default="7d",
        metavar="TIME",
        help="a duration such as 24h, or a day such as 2027-01-31 (default: 7d)",
    )
    parser.add_argument("--format", choices=FORMATS, default="table", help="form of the output (default: table)")
    parser.add_argument(
        "--state", metavar="URL", help=f"where usage is kept, e.g. {FILE_SCHEME}ccproxy.db (default: as configured)"
    )
    add_config_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print the report: 0 done, 1 there is nothing to read, 2 wrong usage."""
    since = moment_of(args.since, time.time())
    if since is None:
        print(f"ccproxy usage: `{args.since}` is neither a duration such as 24h nor a day", file=sys.stderr)
        return 2
    try:
        file = _file(args.state, args.config)
        lines = read_usage(file, args.by, since) if file.is_file() else []
        total = read_total(file, since) if lines else None
    except (StoreError, OSError) as error:
        print(f"ccproxy usage: {error}", file=sys.stderr)
        return 1
    if args.format == "json":
        print(json.dumps([_named(args.by, line) for line in lines], indent=2, ensure_ascii=False))
    elif args.format == "csv":
        writer = csv.DictWriter(sys.stdout, (args.by, *Line._fields[1:]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(_named(args.by, line) for line in lines)
    elif total is None:
        print(f"ccproxy usage: no requests since {time.strftime('%Y-%m-%d %H:%M', time.localtime(since))}")
    else:
        print("\n".join(render_table(args.by, lines, total, shutil.get_terminal_size().columns, _can_draw())))
    return 0


def moment_of(text: str, now: float) -> float | None:
    """Return the unix time that a duration before now, or a day, means."""
    seconds = parse_duration(text)
    return parse_moment(text) if seconds is None else now - seconds


def render_table(by: str, lines: Sequence[Line], total: Line, width: int, blocks: bool = True) -> Iterator[str]:
    """Yield the table, with a bar in each line for its cost, or its tokens or requests where nothing has a cost."""
    heads = (by.upper(), "REQUESTS", "FAILED", "INPUT", "CACHED", "OUTPUT", "COST USD", "FIRST BYTE S", "SECONDS")
    rows = [*columns(heads, [_cells(line) for line in (*lines, total)])]
    what = "cost" if total.cost else "tokens" if total.tokens else "requests"
    amounts = [float(getattr(line, what) or 0) for line in lines]
    widest = max(len(row) for row in rows)
    room = max(NARROWEST_BAR, min(WIDEST_BAR, width - widest - 2))
    most = max(amounts) or 1.0
    yield f"{rows[0]:{widest}}  {what.upper()}"
    for row, amount in zip(rows[1:-1], amounts, strict=True):
        yield f"{row:{widest}}  {_bar(amount / most * room, blocks)}".rstrip()
    yield rows[-1]


def _cells(line: Line) -> tuple[str, ...]:
    return (
        line.name or "-",
        str(line.requests),
        str(line.failed),
        _short(line.input),
        _short(line.cache_read),
        _short(line.output),
        "-" if line.cost is None else f"{line.cost:.4f}",
        "-" if line.first_byte_s is None else f"{line.first_byte_s:.2f}",
        "-" if line.seconds is None else f"{line.seconds:.2f}",
    )


def _short(count: int) -> str:
    if count < 10_000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 1_000_000 else f"{count / 1_000_000:.2f}M"


def _bar(length: float, blocks: bool) -> str:
    if not blocks:
        return "#" * round(length)
    whole, part = divmod(round(length * 8), 8)
    return "█" * whole + EIGHTHS[part].strip()


def _named(by: str, line: Line) -> dict[str, str | int | float | None]:
    return {by if name == "name" else name: value for name, value in line._asdict().items()}


def _file(address: str | None, config: Path | None) -> Path:
    folder = Path()
    if address is None:
        config = config or Path(CONFIG_FILE)
        folder, address = config.parent, _configured(config)
    file = file_of(address, folder)
    if file is None:
        raise StoreError(
            "usage is kept in memory while the proxy runs, and told at /metrics; "
            f"write `state: {FILE_SCHEME}ccproxy.db` into the configuration to keep it"
        )
    return file


def _configured(file: Path) -> str | None:
    if not file.is_file():
        raise StoreError(f"there is no configuration {file}; name it with --config, or where usage is with --state")
    node, problems = load_yaml(file)
    if node is None:
        raise StoreError(f"{file} cannot be read; see `ccproxy validate {file}`")
    return Section(Reading(load_variables(file.parent, os.environ), problems), node, "").text("state")


def _can_draw() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"

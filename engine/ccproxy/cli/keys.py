"""`ccproxy keys`: the keys that clients present. A new one is shown once; the file keeps its digest only."""

from __future__ import annotations

import json
import re
import secrets
import sys
import time
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ccproxy.cli.changing import change_file
from ccproxy.cli.mappings_option import add_mappings_option
from ccproxy.cli.setup import add_config_option, usable_setup
from ccproxy.cli.table import columns
from ccproxy.config.access import PERIODS, is_loopback
from ccproxy.config.units import parse_duration, parse_moment
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.state.opening import file_of
from ccproxy.state.store import StoreError
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import to_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from ccproxy.cli.setup import Setup
    from ccproxy.cli.subparsers import Subparsers
    from ccproxy.config.model import AccessKey
    from ccproxy.jsontypes import Json, JsonObject

EXAMPLE: Final = "example: ccproxy keys add zed --group default --expires 30d --rpm 60 --budget 5usd/day"
FORMATS: Final = ("table", "json")
PREFIX: Final = "ccp-"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_BUDGET: Final = re.compile(rf"(\d+(?:\.\d+)?)(usd|tokens)/({'|'.join(PERIODS)})")


class WrongOptionError(Exception):
    """An option that means nothing, for people."""


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser("keys", help="add, list and revoke the keys that clients present", epilog=EXAMPLE)
    verbs = parser.add_subparsers(dest="action", metavar="list|add|revoke")
    listing = verbs.add_parser("list", help="list the keys (the default)", epilog="example: ccproxy keys list")
    adding = verbs.add_parser("add", help="make a key and print it, this once", epilog=EXAMPLE)
    revoking = verbs.add_parser("revoke", help="take a key away", epilog="example: ccproxy keys revoke zed")
    listing.add_argument("--format", choices=FORMATS, default="table", help="form of the output (default: table)")
    for each in (adding, revoking):
        each.add_argument("name", metavar="NAME", help="name of the key, for logs and usage")
    adding.add_argument("--group", action="append", default=[], metavar="G", help="a group it may use (default: all)")
    adding.add_argument(
        "--expires", metavar="TIME", help="after a duration such as 30d, or at a day such as 2027-01-31"
    )
    adding.add_argument("--rpm", type=int, metavar="N", help="requests per minute")
    adding.add_argument("--tpm", type=int, metavar="N", help="tokens per minute")
    adding.add_argument("--budget", metavar="B", help="such as 5usd/day, 100usd/month, 1000000tokens/total")
    adding.add_argument("--admin", action="store_true", help="it may also use the administration routes")
    for each in (listing, adding, revoking):
        add_config_option(each)
        add_mappings_option(each)
    parser.set_defaults(config=None, mappings=[], format="table")


def run(args: argparse.Namespace) -> int:
    """List, add or revoke: 0 done, 1 cannot, 2 wrong usage."""
    setup = usable_setup("keys", args.config, args.mappings)
    if setup is None:
        return 1
    try:
        if args.action == "add":
            return _add(setup, args.name, _entry(args, time.time()))
        return _revoke(setup, args.name) if args.action == "revoke" else _list(setup, args.format, time.time())
    except WrongOptionError as error:
        print(f"ccproxy keys: {error}", file=sys.stderr)
        return 2


def _add(setup: Setup, name: str, limits: JsonObject) -> int:
    if not _NAME.fullmatch(name):
        raise WrongOptionError(f"`{name}` is no name: letters, digits, `.`, `_` and `-`, at most 64")
    if name in _written(setup):
        print(f"ccproxy keys: there is a key `{name}` already; `ccproxy keys revoke {name}` first", file=sys.stderr)
        return 1
    key = PREFIX + secrets.token_urlsafe(32)

    def change(config: JsonObject) -> None:
        keys = _mapping(_mapping(config, "access"), "keys")
        keys[name] = {"sha256": sha256(key.encode()).hexdigest(), **limits}

    if not change_file("keys", setup, change):
        return 1
    print(f"ccproxy keys: `{name}` is in {setup.file}; this is its key, which nothing can show again:", file=sys.stderr)
    print(key)
    return 0


def _revoke(setup: Setup, name: str) -> int:
    names = _written(setup)
    if name not in names:
        near = closest(name, names)
        hint = f"did you mean `{near}`?" if near else f"there are {quoted_list(sorted(names), 'and') or 'none'}"
        print(f"ccproxy keys: there is no key `{name}`; {hint}", file=sys.stderr)
        return 2

    def change(config: JsonObject) -> None:
        del _mapping(_mapping(config, "access"), "keys")[name]

    if not change_file("keys", setup, change):
        return 1
    print(f"ccproxy keys: `{name}` is revoked", file=sys.stderr)
    if len(names) == 1 and is_loopback(setup.config.server.host):
        print("ccproxy keys: no key is left, so programs on this machine need none from now on", file=sys.stderr)
    return 0


def _list(setup: Setup, form: str, now: float) -> int:
    known = {key.name: key for key in setup.config.access}
    spent = _spent(setup, now)
    found = [_described(name, known.get(name), spent, now) for name in _written(setup)]
    if form == "json":
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    heads = ("key", "groups", "expires", "requests_per_minute", "tokens_per_minute", "budget", "spent", "admin")
    titles = ("KEY", "GROUPS", "EXPIRES", "PER MINUTE", "TOKENS PER MINUTE", "BUDGET", "SPENT", "ADMIN")
    rows = [[_shown(key.get(head)) for head in heads] for key in found]
    print("\n".join(columns(titles, rows)) if rows else "no keys: programs on this machine need none")
    return 0


def _described(
    name: str, key: AccessKey | None, spent: Mapping[tuple[str, str], tuple[float, int]], now: float
) -> JsonObject:
    if key is None:
        return {"key": name, "expires": "its variable is not set here"}
    expires = None if key.expires is None else f"{datetime.fromtimestamp(key.expires, UTC):%Y-%m-%d %H:%M}"
    over = key.expires is not None and key.expires <= now
    described: JsonObject = {
        "key": name,
        "groups": [*key.groups],
        "expires": f"{expires} (over)" if over else expires,
        "requests_per_minute": key.requests_per_minute,
        "tokens_per_minute": key.tokens_per_minute,
        "budget": None,
        "spent": None,
        "admin": key.admin,
    }
    if key.budget is not None:
        usd, tokens = spent.get((name, key.budget.per), (0.0, 0))
        limits = [f"{key.budget.usd:g}usd"] if key.budget.usd is not None else []
        limits += [f"{key.budget.tokens}tokens"] if key.budget.tokens is not None else []
        described["budget"] = f"{' or '.join(limits)}/{key.budget.per}"
        described["spent"] = f"{usd:.4f}usd {tokens}tokens"
    return described


def _entry(args: argparse.Namespace, now: float) -> JsonObject:
    """Return what the options say of a new key, as the file words it."""
    expires = _expires(args.expires, now) if args.expires else None
    budget = _budget(args.budget) if args.budget else None
    for option, number in (("--rpm", args.rpm), ("--tpm", args.tpm)):
        if number is not None and number < 1:
            raise WrongOptionError(f"{option} must be at least 1")
    said: JsonObject = {
        "groups": [*args.group] or None,
        "expires": expires,
        "requests_per_minute": args.rpm,
        "tokens_per_minute": args.tpm,
        "budget": budget,
        "admin": args.admin or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _expires(text: str, now: float) -> str:
    seconds = parse_duration(text)
    moment = parse_moment(text) if seconds is None else now + seconds
    if moment is None or moment <= now:
        raise WrongOptionError(f"`{text}` is neither a duration such as 30d nor a day to come")
    return text if seconds is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _budget(text: str) -> JsonObject:
    hit = _BUDGET.fullmatch(text)
    amount = float(hit[1]) if hit else 0.0
    if hit is None or (hit[2] == "tokens" and (amount < 1 or amount != int(amount))):
        raise WrongOptionError(f"`{text}` is no budget; write 5usd/day, 100usd/month or 1000000tokens/total")
    return {hit[2]: int(amount) if amount == int(amount) else amount, "per": hit[3]}


def _written(setup: Setup) -> list[str]:
    """Return the names in the file, also of keys whose variables are not set here."""
    node = load_yaml(setup.file)[0] if setup.file else None
    values = to_json(node) if node is not None else {}
    access = values.get("access") if isinstance(values, dict) else None
    keys = access.get("keys") if isinstance(access, dict) else None
    return [*keys] if isinstance(keys, dict) else []


def _mapping(parent: JsonObject, name: str) -> JsonObject:
    value = parent.get(name)
    if not isinstance(value, dict):
        value = parent[name] = {}
    return value


def _spent(setup: Setup, now: float) -> Mapping[tuple[str, str], tuple[float, int]]:
    file = file_of(setup.config.state, setup.file.parent) if setup.file else None
    if file is None or not file.is_file():
        return {}
    from ccproxy.state.reports import read_spent  # noqa: PLC0415 (only where a file is)

    try:
        return read_spent(file, now)
    except StoreError as error:
        print(f"ccproxy keys: {error}", file=sys.stderr)
        return {}


def _shown(value: Json) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "all"
    return "-" if value is None else str(value)

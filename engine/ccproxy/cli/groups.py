"""`ccproxy groups`: list them, choose what `/switch/…` means."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

from ccproxy.cli.changing import change_file
from ccproxy.cli.mappings_option import add_mappings_option
from ccproxy.cli.setup import add_config_option, usable_setup
from ccproxy.cli.table import columns
from ccproxy.diagnostics.suggest import closest, quoted_list

if TYPE_CHECKING:
    import argparse

    from ccproxy.cli.setup import Setup
    from ccproxy.cli.subparsers import Subparsers
    from ccproxy.jsontypes import JsonObject

EXAMPLE: Final = "example: ccproxy groups use qwen"
FORMATS: Final = ("table", "json")


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser("groups", help="list groups, choose the active one", epilog=EXAMPLE)
    verbs = parser.add_subparsers(dest="action", metavar="list|use")
    listing = verbs.add_parser("list", help="list the groups (the default)", epilog="example: ccproxy groups list")
    using = verbs.add_parser("use", help="make a group the active one, in the configuration file", epilog=EXAMPLE)
    using.add_argument("name", metavar="NAME", help="the group that /switch/… shall mean")
    listing.add_argument("--format", choices=FORMATS, default="table", help="form of the output (default: table)")
    for each in (listing, using):
        add_config_option(each)
        add_mappings_option(each)
    parser.set_defaults(config=None, mappings=[], format="table")


def run(args: argparse.Namespace) -> int:
    """List or choose: 0 done, 1 cannot, 2 no such group."""
    setup = usable_setup("groups", args.config, args.mappings)
    if setup is None:
        return 1
    return _use(setup, args.name) if args.action == "use" else _list(setup, args.format)


def _list(setup: Setup, form: str) -> int:
    found = [_described(setup, name) for name in setup.config.groups]
    if form == "json":
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    rows = [
        (
            "*" if group["active"] else "",
            str(group["group"]),
            str(group["aliases"]),
            str(group["fallback_group"] or "-"),
        )
        for group in found
    ]
    print("\n".join(columns(("ACTIVE", "GROUP", "ALIASES", "FALLS BACK TO"), rows)))
    return 0


def _described(setup: Setup, name: str) -> JsonObject:
    group = setup.config.groups[name]
    return {
        "group": name,
        "active": name == setup.config.active_group,
        "aliases": ", ".join(alias.pattern for alias in group.aliases),
        "fallback_group": group.fallback_group,
    }


def _use(setup: Setup, name: str) -> int:
    groups = setup.config.groups
    if name not in groups:
        near = closest(name, groups)
        hint = f"did you mean `{near}`?" if near else f"there are {quoted_list(sorted(groups), 'and')}"
        print(f"ccproxy groups: there is no group `{name}`; {hint}", file=sys.stderr)
        return 2
    if name == setup.config.active_group:
        print(f"ccproxy groups: `{name}` is the active group already", file=sys.stderr)
        return 0

    def change(config: JsonObject) -> None:
        config["active_group"] = name

    if not change_file("groups", setup, change):
        return 1
    print(f"ccproxy groups: /switch/… is `{name}` from now on", file=sys.stderr)
    return 0

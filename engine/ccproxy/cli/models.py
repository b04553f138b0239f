"""`ccproxy models`: what clients can ask for and what answers, or what providers themselves list."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Final

from ccproxy.cli.asking import Asker
from ccproxy.cli.mappings_option import add_mappings_option
from ccproxy.cli.setup import add_config_option, usable_setup
from ccproxy.cli.table import columns
from ccproxy.config.model import SAME_MODEL
from ccproxy.config.model_facts import ModelBook
from ccproxy.config.prices import PriceBook
from ccproxy.diagnostics.suggest import closest
from ccproxy.routing.offers import Offers
from ccproxy.routing.router import Router

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from ccproxy.cli.setup import Setup
    from ccproxy.cli.subparsers import Subparsers
    from ccproxy.config.model import Target
    from ccproxy.jsontypes import Json, JsonObject

EXAMPLE: Final = "example: ccproxy models --group default"
FORMATS: Final = ("table", "json")
PATIENCE_S: Final = 15.0


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser("models", help="list what clients can ask for", epilog=EXAMPLE)
    parser.add_argument("--group", metavar="G", help="only this group, with those that it falls back to")
    parser.add_argument("--provider", metavar="P", help="only what this provider answers")
    parser.add_argument("--names", action="store_true", help="also every known name that a pattern matches")
    parser.add_argument("--upstream", action="store_true", help="ask the providers for their own lists")
    parser.add_argument("--format", choices=FORMATS, default="table", help="form of the output (default: table)")
    add_config_option(parser)
    add_mappings_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print the list: 0 done, 1 problems, 2 no such group or provider."""
    setup = usable_setup("models", args.config, args.mappings)
    if setup is None:
        return 1
    for what, name, known in (
        ("group", args.group, setup.config.groups),
        ("provider", args.provider, setup.config.providers),
    ):
        if name is not None and name not in known:
            near = closest(name, known)
            hint = f"; did you mean `{near}`?" if near else ""
            print(f"ccproxy models: there is no {what} `{name}`{hint}", file=sys.stderr)
            return 2
    if args.upstream:
        return asyncio.run(_print_upstream(setup, args))
    asked = [args.group] if args.group else [*setup.config.groups]
    pairs = [(group, each) for group in asked for each in (fallbacks(setup, group) if args.group else [group])]
    rows = [row for group, owner in pairs for row in offered(setup, group, owner, args.provider, args.names)]
    if args.format == "json":
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    elif rows:
        print("\n".join(_table(rows)))
    else:
        print("ccproxy models: nothing is configured that fits", file=sys.stderr)
    return 0


def fallbacks(setup: Setup, group: str) -> list[str]:
    """Return a group and those that it falls back to, in order."""
    found: list[str] = []
    at: str | None = group
    while at is not None and at in setup.config.groups and at not in found:
        found.append(at)
        at = setup.config.groups[at].fallback_group
    return found


def offered(setup: Setup, asked: str, group: str, provider: str | None, names: bool) -> Iterator[JsonObject]:
    """Yield a group's aliases with the targets that answer, and if wanted the known names that its patterns match.

    Names are asked in a group that may fall back to this one.
    """
    models = ModelBook(setup.engine.providers)
    facts = Facts(setup, models)
    for alias in setup.config.groups[group].aliases:
        found = [target for target in alias.targets if provider in (None, target.provider)]
        if found:
            yield _row(group, alias.pattern, [facts.told(target, alias.pattern) for target in found])
    router = Router(setup.config)
    for model in Offers(setup.config, router, models).models(asked) if names else ():
        name = str(model["id"])
        owner, chosen, _ = router.find(asked, name)
        found = [target for target in chosen.targets if provider in (None, target.provider)]
        if owner == group and chosen.pattern != name and found:
            yield _row(group, name, [facts.told(target, name) for target in found])


class Facts:
    """What is known of targets."""

    def __init__(self, setup: Setup, models: ModelBook) -> None:
        self._providers = setup.config.providers
        self._models = models
        self._prices = PriceBook(setup.config.prices, setup.config.providers, models)

    def told(self, target: Target, asked: str) -> JsonObject:
        """Return a target with the limits and prices that somebody knows."""
        provider = self._providers.get(target.provider)
        model = asked if target.model == SAME_MODEL else target.model
        facts, price = self._models.facts(model, provider), self._prices.price(target.provider, model)
        told: JsonObject = {"provider": target.provider, "model": target.model, "weight": target.weight}
        if provider is not None:
            told["protocol"] = provider.protocol
        if facts is not None:
            abilities: list[Json] = [*sorted(facts.abilities)]
            told |= {"context": facts.context, "max_output": facts.output, "abilities": abilities}
        if price is not None:
            told |= {"price_input": price.input, "price_output": price.output}
        return {name: value for name, value in told.items() if value is not None}


def _row(group: str, name: str, targets: Sequence[JsonObject]) -> JsonObject:
    return {"group": group, "model": name, "targets": [*targets]}


def _table(rows: Sequence[JsonObject]) -> Iterator[str]:
    heads = ("GROUP", "MODEL", "ANSWERED BY", "PROTOCOL", "CONTEXT", "OUTPUT", "$/M IN", "$/M OUT")
    lines: list[tuple[str, ...]] = []
    for row in rows:
        targets = row["targets"]
        for place, target in enumerate(targets if isinstance(targets, list) else []):
            if isinstance(target, dict):
                named = (str(row["group"]), str(row["model"])) if place == 0 else ("", "")
                lines.append((*named, *_target_cells(target)))
    return columns(heads, lines)


def _target_cells(target: JsonObject) -> tuple[str, ...]:
    weight = f" ×{target['weight']}" if target.get("weight") not in (None, 1) else ""
    return (
        f"{target['provider']}/{target['model']}{weight}",
        str(target.get("protocol", "-")),
        _tokens(target.get("context")),
        _tokens(target.get("max_output")),
        _number(target.get("price_input")),
        _number(target.get("price_output")),
    )


def _tokens(count: Json) -> str:
    if not isinstance(count, int):
        return "-"
    return f"{count / 1_000_000:.3g}M" if count >= 1_000_000 else f"{round(count / 1000)}k"


def _number(value: Json) -> str:
    return f"{value:g}" if isinstance(value, int | float) else "-"


async def _print_upstream(setup: Setup, args: argparse.Namespace) -> int:
    """Print what each provider lists, asked with its first key; what none could tell goes to standard error."""
    asker = Asker(setup.engine, PATIENCE_S)
    rows: list[JsonObject] = []
    failed = False
    for provider in setup.config.providers.values():
        if args.provider not in (None, provider.name):
            continue
        if not asker.has_model_list(provider):
            print(f"{provider.name}: its protocol has no list of models", file=sys.stderr)
            continue
        answer, models = await asker.models(provider, next(iter(provider.keys), None))
        if answer.error is not None:
            failed = True
            print(f"{provider.name}: {answer.status or 'no answer'}: {answer.error['message']}", file=sys.stderr)
        rows += [{"provider": provider.name, **model} for model in models]
    if args.format == "json":
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    elif rows:
        heads = ("PROVIDER", "MODEL", "CONTEXT", "OUTPUT")
        cells = [
            (str(r["provider"]), str(r["id"]), _tokens(r.get("context")), _tokens(r.get("max_output"))) for r in rows
        ]
        print("\n".join(columns(heads, cells)))
    return 1 if failed else 0

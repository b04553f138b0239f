"""`ccproxy env CLIENT`: the settings that point a client at the proxy, for a shell or for the client's own files."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.cli.client_keys import NoKeyError, choose_key, known_keys
from ccproxy.cli.mappings_option import add_mappings_option
from ccproxy.cli.settings_text import SHELLS, render_content, set_line, unset_line
from ccproxy.cli.setup import add_config_option, root_url, usable_setup
from ccproxy.config.model import DEFAULT_GROUP
from ccproxy.config.model_facts import ModelBook
from ccproxy.config.recipes import Filling, build_recipes, fill, fill_text
from ccproxy.diagnostics.suggest import closest
from ccproxy.routing.failures import ProxyError
from ccproxy.routing.offers import Offers
from ccproxy.routing.router import Router

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping, Sequence

    from ccproxy.cli.setup import Setup
    from ccproxy.cli.subparsers import Subparsers
    from ccproxy.config.recipes import ClientFile, Recipe
    from ccproxy.jsontypes import JsonObject

EXAMPLE: Final = "example: ccproxy env claude-code --group qwen"
MCP_PATH: Final = "/mcp/http"
ANY_MODEL: Final = "any"


class CannotTellError(Exception):
    """Why there are no settings, for people."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one client, filled in."""

    recipe: Recipe
    filling: Filling
    key_is: str
    chooses_model: bool

    def variables(self) -> dict[str, str]:
        """Return what the environment must hold."""
        templates = {**self.recipe.env, **(self.recipe.model_env if self.chooses_model else {})}
        return {name: fill_text(text, self.filling) for name, text in templates.items()}


def add_parser(subparsers: Subparsers) -> None:
    """Declare the options."""
    parser = subparsers.add_parser(
        "env",
        help="print the settings that point a client at the proxy",
        description="Settings go to standard output (shell lines, or the text of the client's file), advice to "
        'standard error, so that `eval "$(ccproxy env CLIENT)"` works.',
        epilog=EXAMPLE,
    )
    parser.add_argument("client", nargs="?", metavar="CLIENT", help="left out, all are listed")
    parser.add_argument("--group", metavar="G", help="group of aliases; `switch` is the active one (default: default)")
    parser.add_argument("--model", metavar="M", help="model that the client asks for")
    parser.add_argument("--key", metavar="NAME|TEXT", help="access key: its name in the configuration, or itself")
    parser.add_argument("--url", metavar="URL", help="address of the proxy (default: as configured)")
    parser.add_argument("--shell", choices=SHELLS, help="whose lines (default: that of $SHELL, else bash)")
    parser.add_argument("--settings", action="store_true", help="print the client's files in place of shell lines")
    parser.add_argument("--mcp", action="store_true", help="print what gives the client the tools behind the proxy")
    add_config_option(parser)
    add_mappings_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print the settings: 0 done, 1 cannot tell, 2 no such client."""
    setup = usable_setup("env", args.config, args.mappings)
    if setup is None:
        return 1
    recipes = build_recipes(setup.engine.library.index.clients)
    if args.client is None:
        for recipe in recipes.values():
            print(f"{recipe.name:<14}{recipe.title}")
        return 0
    if args.client not in recipes:
        near = closest(args.client, recipes)
        hint = f"did you mean `{near}`?" if near else "`ccproxy env` lists all"
        print(f"ccproxy env: there is no client `{args.client}`; {hint}", file=sys.stderr)
        return 2
    try:
        settings = find_settings(setup, recipes[args.client], args)
    except (CannotTellError, NoKeyError) as error:
        print(f"ccproxy env: {error}", file=sys.stderr)
        return 1
    if args.mcp:
        _print_mcp(settings, args.settings)
    else:
        _print_settings(settings, args.shell or shell_of(os.environ), args.settings)
    return 0


def shell_of(environ: Mapping[str, str]) -> str:
    """Return the user's shell if it is one whose lines are known."""
    name = Path(environ.get("SHELL", "")).name
    return name if name in SHELLS else SHELLS[0]


def find_settings(setup: Setup, recipe: Recipe, args: argparse.Namespace) -> Settings:
    """Fill in a recipe for a group; raises CannotTellError or NoKeyError."""
    router = Router(setup.config)
    group = args.group or DEFAULT_GROUP
    models = _models(setup, router, args.group)
    chosen = args.model or (_replacement(router, group, recipe, models) if setup.config.groups else None)
    if args.model and args.model not in [model["id"] for model in models]:
        models = [{"id": args.model}, *models]
    key, key_is = choose_key(
        args.key,
        recipe.name,
        setup.config.active_group if group == "switch" else group,
        setup.config.access,
        known_keys(setup.file, setup.variables),
    )
    base = (args.url or root_url(setup.config.server)).rstrip("/")
    filling = Filling(
        root=f"{base}/{args.group}" if args.group else base,
        key=key,
        group=group,
        model=chosen or next(iter(recipe.models), str(models[0]["id"]) if models else ""),
        mcp=base + MCP_PATH,
        models=tuple(models),
    )
    return Settings(recipe, filling, key_is, chooses_model=bool(chosen))


def _models(setup: Setup, router: Router, group: str | None) -> list[JsonObject]:
    """Return what can be asked for; where nothing is configured, `serve` takes any name."""
    if not setup.config.groups and group is None:
        return [{"id": ANY_MODEL}]
    try:
        return Offers(setup.config, router, ModelBook(setup.engine.providers)).models(group)
    except ProxyError as error:
        raise CannotTellError(str(error.error["message"])) from None


def _replacement(router: Router, group: str, recipe: Recipe, models: Sequence[JsonObject]) -> str | None:
    """Return the model to choose when the group has none of those that the client asks for by itself."""
    if not models or not recipe.models:
        return None
    try:
        for name in recipe.models:
            router.find(group, name)
    except ProxyError:
        return str(models[0]["id"])
    return None


def _print_settings(settings: Settings, shell: str, files_only: bool) -> None:
    """Print shell lines when the client reads variables, else the text of its files; tell the rest."""
    recipe = settings.recipe
    variables = settings.variables()
    tell(f"# {recipe.title} at {settings.filling.root}, with {settings.key_is}")
    if variables and not files_only:
        for name in recipe.unset:
            print(unset_line(shell, name))
        for name, value in variables.items():
            print(set_line(shell, name, value))
    as_result = files_only or not variables
    _print_files(recipe.files, settings.filling, as_result)
    for field, text in recipe.settings.items():
        print(f"{field}: {fill_text(text, settings.filling)}")
    if recipe.command and variables:
        tell(f"# then: {recipe.command}")
    for note in recipe.notes:
        tell(f"# {note}")


def _print_mcp(settings: Settings, files_only: bool) -> None:
    """Print the command that adds the proxy's tools, else the text of the file that does."""
    recipe = settings.recipe
    if not recipe.mcp_command and not recipe.mcp_files:
        tell(f"# {recipe.title} takes no MCP servers; others find them at {settings.filling.mcp}")
        return
    tell(f"# {recipe.title}: MCP tools at {settings.filling.mcp}, with {settings.key_is}")
    as_command = recipe.mcp_command and not files_only
    if as_command:
        print(shlex.join(fill_text(word, settings.filling) for word in shlex.split(recipe.mcp_command)))
    _print_files(recipe.mcp_files, settings.filling, as_result=not as_command)
    needed = [name for name in recipe.env if name in recipe.mcp_command or name in repr(recipe.mcp_files)]
    if needed:
        tell(f'# it reads {", ".join(needed)}: eval "$(ccproxy env {recipe.name})"')


def _print_files(files: Iterable[ClientFile], filling: Filling, as_result: bool) -> None:
    for file in files:
        tell(f"# {'add to' if file.merge else 'write'} {file.path}:")
        text = render_content(fill(file.content, filling), file.format)
        if as_result:
            print(text, end="")
        else:
            tell(text.rstrip("\n"))


def tell(line: str) -> None:
    """Say something that is no result."""
    print(line, file=sys.stderr)

"""Policies, headers and outbound proxies of a configuration; mistakes are told at their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccproxy.config.model import Config
from ccproxy.policy.context_limit import ContextLimit
from ccproxy.policy.names import NamePatterns
from ccproxy.policy.policy import NO_POLICY, Policy
from ccproxy.policy.prompting import Injection, Replacement
from ccproxy.policy.sampling import Sampling
from config.conftest import Load

PROVIDERS = "providers: { p: { protocol: chat, base_url: 'http://x' } }\n"
GROUP = PROVIDERS + "groups: { default: { %s, aliases: { '*': p/m } } }"


def policy_of(config: Config, pattern: str = "*") -> Policy:
    return next(alias.policy for alias in config.groups["default"].aliases if alias.pattern == pattern)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("description: x", NO_POLICY),
        ("prompt: { text: Hi }", Policy(Injection("Hi"))),
        ("prompt: { mode: replace, text: Hi, position: user }", Policy(Injection("Hi", replaces=True, to_user=True))),
        ("prompt: { text: 'costs $5', always: true }", Policy(Injection("costs $5", always=True))),
        ("prompt: { text: Hi, models: a* }", Policy(Injection("Hi", models=NamePatterns(("a*",))))),
        ("prompt: { mode: 'off', text: Hi }", NO_POLICY),
        ("prompt: { mode: 'off' }", NO_POLICY),
        ("prompt: { text: '' }", NO_POLICY),
        ('prompt: { text: " \\n" }', NO_POLICY),
        ("replace_in_prompt: [{ find: a, with: '' }]", Policy(replacements=(Replacement("a", ""),))),
        ("drop_tools: [a, 'b*']", Policy(dropped_tools=NamePatterns(("a", "b*")))),
        ("drop_tools: []", NO_POLICY),
        ("temperature_ratio: 1", NO_POLICY),
        ("temperature_ratio: 0", Policy(sampling=Sampling(0.0))),
        ("defaults: { top_k: 5, stop: [a] }", Policy(sampling=Sampling(1.0, {"top_k": 5, "stop": ["a"]}))),
        ("limits: { max_tokens: 5 }", Policy(sampling=Sampling(caps={"max_tokens": 5}))),
        ("max_context: 100", Policy(context=ContextLimit(100))),
        ("max_context: { tokens: 100, when_over: trim }", Policy(context=ContextLimit(100, trims=True))),
        ("tool_mode: compat", Policy(tool_mode="compat")),
        ("tool_mode: auto", Policy(tool_mode="auto")),
        ("headers: { x-a: '{uuid} {\"b\"}' }", Policy(headers={"x-a": '{uuid} {"b"}'})),
    ],
)
def test_reads_what_a_group_sets(load: Load, setting: str, expected: Policy) -> None:
    config, problems = load(GROUP % setting)

    assert [] == problems
    assert expected == policy_of(config)
    assert (policy_of(config) is NO_POLICY) == (expected is NO_POLICY)


def test_an_alias_lays_its_own_settings_over_those_of_its_group(load: Load) -> None:
    config, problems = load(
        PROVIDERS
        + """\
groups:
  default:
    prompt: { text: Group. }
    drop_tools: [a]
    temperature_ratio: 0.5
    defaults: { top_p: 0.5, top_k: 1 }
    parameters: { /a/b: 1, c: 2 }
    aliases:
      own:
        targets: [p/m]
        prompt: { mode: "off" }
        drop_tools: []
        temperature_ratio: 1
        defaults: { top_k: 2 }
        parameters: { c: { delete: true } }
        max_context: 9
      same: { targets: [p/m] }
      plain: p/m
"""
    )

    assert [] == problems
    own = policy_of(config, "own")
    assert (None, None, Sampling(1.0, {"top_p": 0.5, "top_k": 2})) == (own.injection, own.dropped_tools, own.sampling)
    assert {"a": {"b": 1}} == own.parameters({"c": 3})
    assert ContextLimit(9) == own.context
    assert Injection("Group.") == policy_of(config, "same").injection
    assert policy_of(config, "same") == policy_of(config, "plain")


def test_reads_prompts_from_files_beside_the_configuration(load: Load, tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "a.md").write_text("\ufeffÜber $HOME\n\n", encoding="utf-8")

    config, problems = load(GROUP % "prompt: { file: prompts/a.md }")

    assert [] == problems
    assert Injection("Über $HOME") == policy_of(config).injection
    assert (tmp_path / "prompts" / "a.md",) == config.watched


def test_an_empty_prompt_file_says_nothing(load: Load, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("\n")

    config, problems = load(GROUP % "prompt: { file: a.md }")

    assert ([], NO_POLICY) == (problems, policy_of(config))


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        ("prompt: { mode: enhnace, text: x }", "S204", "`enhnace` is no mode"),
        ("prompt: { position: usr, text: x }", "S204", "`usr` is no position"),
        ("prompt: { file: nowhere.md }", "C612", "no file `nowhere.md`"),
        ("prompt: { file: . }", "C612", "cannot be read"),
        ("prompt: { file: a.md, text: x }", "S205", "not both"),
        ("prompt: { mode: replace }", "S202", "needs `text` or `file`"),
        ("prompt: { txt: x }", "S203", "unknown key `txt`"),
        ("replace_in_prompt: [{ find: a }]", "S202", "`find` and `with`"),
        ("replace_in_prompt: [{ find: '', with: b }]", "S205", "must not be empty"),
        ("replace_in_prompt: x", "S201", "must be a list"),
        ("temperature_ratio: -1", "S201", "temperature_ratio"),
        ("defaults: { max_token: 5 }", "S203", "unknown setting `max_token`"),
        ("defaults: { max_tokens: many }", "S201", "must be a whole number"),
        ("limits: { stop: a }", "S203", "unknown setting `stop`"),
        ("limits: { temperature: true }", "S201", "must be a number"),
        ("max_context: { when_over: trim }", "S202", "needs `tokens`"),
        ("max_context: { tokens: 5, when_over: cut }", "S204", "`cut` is no when_over"),
        ("max_context: 0", "S205", "must be from 1"),
        ("parameters: { /a~b: 1 }", "S205", "is not a JSON pointer"),
        ("tool_mode: xml", "S204", "`xml` is no tool_mode"),
        ("headers: { x: '{uid}' }", "S204", "unknown placeholder `{uid}`"),
        ("headers: { x: '{key}' }", "S204", "unknown placeholder `{key}`"),
        ("headers: { 'a b': c }", "S205", "cannot be set as a header"),
        ("headers: { Content-Length: '5' }", "S205", "cannot be set as a header"),
    ],
)
def test_tells_a_mistake_of_a_group(load: Load, setting: str, code: str, words: str) -> None:
    text = GROUP % setting
    _, problems = load(text)

    problem = next((problem for problem in problems if problem.code == code), None)
    assert problem is not None, problems
    assert words in problem.message
    assert (2, 1) <= (problem.span.line, problem.span.column)


def test_suggests_what_was_meant(load: Load) -> None:
    _, problems = load(GROUP % "prompt: { mode: enhnace, text: x }, headers: { x: 'a {uid}' }")

    assert ["enhance", "uuid"] == [problem.suggestion for problem in problems]


def test_tells_a_mistake_of_an_alias_at_its_place(load: Load) -> None:
    _, problems = load(PROVIDERS + "groups:\n  default:\n    aliases:\n      a: { targets: [p/m], max_contxt: 5 }")

    assert [("S203", 5, "max_context")] == [(each.code, each.span.line, each.suggestion) for each in problems]


PROVIDER = "providers: { p: { protocol: chat, base_url: 'https://x', %s } }"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("keys: [a, b]", {"a": None, "b": None}),
        ("keys: a", {"a": None}),
        ("http_proxy: 'http://h:1'", {None: "http://h:1"}),
        ("keys: [a, b, c], http_proxy: ['http://h:1', none]", {"a": "http://h:1", "b": "none", "c": "http://h:1"}),
        ("keys: [a, { key: b, http_proxy: 'http://h:2' }]", {"a": "system", "b": "http://h:2"}),
        ("keys: [{ key: a }, { key: b, http_proxy: system }], http_proxy: none", {"a": "none", "b": "system"}),
        ("keys: { key: a, http_proxy: none }", {"a": "none"}),
    ],
)
def test_every_key_has_its_way_out(load: Load, setting: str, expected: dict[str | None, str | None]) -> None:
    config, problems = load(PROVIDER % setting)

    assert [] == problems
    provider = config.providers["p"]
    assert expected == {key: provider.proxy_for(key) for key in expected}
    assert provider.keys == tuple(key for key in expected if key)


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        ("http_proxy: 'socks5://h:1'", "S205", "outbound proxy"),
        ("http_proxy: nowhere", "S205", "outbound proxy"),
        ("keys: [{ http_proxy: none }]", "S202", "needs `key`"),
        ("keys: [{ key: a, proxy: none }]", "S203", "unknown key `proxy`"),
        ("headers: { x: '{kye}' }", "S204", "unknown placeholder `{kye}`"),
    ],
)
def test_tells_a_mistake_of_a_provider(load: Load, setting: str, code: str, words: str) -> None:
    _, problems = load(PROVIDER % setting)

    assert [(code, True)] == [(problem.code, words in problem.message) for problem in problems]


def test_shows_no_credentials_of_a_proxy(load: Load) -> None:
    config, _ = load(PROVIDER % "http_proxy: 'http://me:secret@h:1'")

    assert "secret" not in repr(config)

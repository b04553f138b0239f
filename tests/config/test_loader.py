"""What a configuration file says arrives in frozen values; mistakes arrive as diagnostics at their place."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from ccproxy.config.loader import load_config
from ccproxy.config.model import Target, Timeouts
from ccproxy.policy.names import NamePatterns
from ccproxy.policy.policy import NO_POLICY
from ccproxy.policy.prompting import Injection, Replacement
from ccproxy.policy.sampling import Sampling
from config.conftest import PRESETS, Load

EXAMPLE = Path(__file__).resolve().parents[3] / "shared" / "examples" / "ccproxy.yaml"

FULL = """\
server: { host: 127.0.0.1, port: 8000, workers: 2, max_body: 1MiB, keep_alive_every: 500ms }
access:
  keys:
    me: $MY_KEY
    you: { sha256: 5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8, groups: [default] }
providers:
  local: { protocol: chat, base_url: "http://127.0.0.1:8080/v1/" }
  deep: { keys: ["${DEEP_1}", $DEEP_2], headers: { x-team: a }, timeouts: { idle: 2m } }
groups:
  default:
    temperature_ratio: 0.7
    aliases:
      "big-*": [deep/large, local/a/b]
      small:
        targets:
          - { provider: deep, model: tiny, weight: 3 }
        defaults: { max_tokens: 10 }
      "*": local/any
log: { requests: true }
mcp: { servers: { one: { url: "http://x", headers: { Authorization: "Bearer ${MY_KEY}" } } } }
"""


def test_reads_every_part(load: Load) -> None:
    config, problems = load(FULL, {"MY_KEY": "secret", "DEEP_1": "k1", "DEEP_2": "k2"})

    assert [] == problems
    assert (8000, 2, 1024 * 1024, 0.5) == (
        config.server.port,
        config.server.workers,
        config.server.max_body_bytes,
        config.server.keep_alive_every_s,
    )
    assert [sha256(b"secret").digest(), sha256(b"password").digest()] == [key.digest for key in config.access]
    assert ("default",) == config.access[1].groups
    assert "http://127.0.0.1:8080/v1" == config.providers["local"].base_url
    assert ("k1", "k2") == config.providers["deep"].keys
    assert Timeouts(idle_s=120.0) == config.providers["deep"].timeouts
    assert ("deep_quirk",) == config.providers["deep"].quirks
    aliases = {alias.pattern: alias for alias in config.groups["default"].aliases}
    assert (Target("deep", "large"), Target("local", "a/b")) == aliases["big-*"].targets
    assert (Target("deep", "tiny", 3),) == aliases["small"].targets
    assert Sampling(0.7, {"max_tokens": 10}) == aliases["small"].policy.sampling
    assert Sampling(0.7) == aliases["*"].policy.sampling
    assert config.log.requests
    assert {"Authorization": "Bearer secret"} == config.mcp.servers["one"].headers


def test_a_preset_knows_where_its_key_is(load: Load) -> None:
    config, problems = load("providers: { deep: {} }", {"DEEP_KEY": "k"})

    assert [] == problems
    assert ("k",) == config.providers["deep"].keys


def test_shows_no_key_in_its_repr(load: Load) -> None:
    config, _ = load(FULL, {"MY_KEY": "secret", "DEEP_1": "k1-secret", "DEEP_2": "k2-secret"})

    assert "secret" not in repr(config)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("server: { hots: x }", "S203", "unknown key `hots`"),
        ("servre: {}", "S203", "unknown key `servre`"),
        ("server: { port: http }", "S201", "whole number"),
        ("server: { port: 70000 }", "S205", "65535"),
        ("server: { keep_alive_every: 60 seconds }", "C604", "duration"),
        ("server: { max_body: lots }", "C605", "size"),
        ("server: { host: 0.0.0.0 }", "C609", "public"),
        ("server: 3", "S201", "mapping"),
        ("providers: { mine: { keys: [a] } }", "C608", "protocol"),
        ("providers: { mine: { protocol: chta, base_url: 'http://x' } }", "C606", "chta"),
        ("providers: { mine: { protocol: chat, base_url: 'x' } }", "S205", "http://"),
        ("providers: { deep: { keys: [$NOPE] } }", "C602", "NOPE"),
        ("providers: { deep: {} }\ngroups: { default: { aliases: { '*': dep/x } } }", "C601", "dep"),
        ("providers: { deep: {} }\ngroups: { default: { aliases: { '*': deep } } }", "S205", "not a target"),
        ("groups: { default: {} }\nactive_group: defualt", "C607", "defualt"),
        ("groups: { a: { fallback_group: b } }", "C607", "`b`"),
        ("groups: { a: { fallback_group: b }, b: { fallback_group: a } }", "C610", "leads back"),
        ("access: { keys: { me: { sha256: abc } } }", "S205", "sha256"),
        ("access: { keys: { me: { key: k, groups: [nope] } } }", "C607", "nope"),
    ],
)
def test_reports_a_mistake_at_its_place(load: Load, text: str, code: str, words: str) -> None:
    _, problems = load(text)

    assert code in [problem.code for problem in problems]
    problem = next(problem for problem in problems if problem.code == code)
    assert words in problem.message
    assert problem.span.line >= 1


def test_suggests_the_key_that_was_meant(load: Load) -> None:
    _, problems = load("server: { hots: x }")

    assert "host" == problems[0].suggestion


def test_marks_the_variable_inside_its_text(load: Load) -> None:
    _, problems = load('providers: { deep: { headers: { a: "Bearer ${NOPE}" } } }')

    column = 'providers: { deep: { headers: { a: "Bearer ${NOPE}'.index("$") + 1
    assert [("C602", column)] == [(problem.code, problem.span.column) for problem in problems]


def test_reads_the_env_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# keys\nexport DEEP_1=\"from file\" # no\nDEEP_2=two # a comment\nX='y'\n")
    path = tmp_path / "ccproxy.yaml"
    path.write_text("providers: { deep: { keys: [$DEEP_1, $DEEP_2, $X] } }")

    config, problems = load_config(path, {"X": "from process"}, PRESETS, {"chat"})

    assert [] == problems
    assert ("from file", "two", "from process") == config.providers["deep"].keys


def test_collects_every_problem(load: Load) -> None:
    _, problems = load("server: { hots: x, port: no port }\nproviders: { mine: {} }\nnope: 1")

    assert {"S203", "S201", "C608"} == {problem.code for problem in problems}
    assert 4 == len(problems)


def test_says_where_yaml_is_broken(load: Load) -> None:
    _, problems = load("server: { host: x")

    assert "Y101" == problems[0].code


@pytest.mark.skipif(not EXAMPLE.exists(), reason="the shared example is not here")
def test_the_documented_shape_loads_whole(tmp_path: Path) -> None:
    names = [
        "CCPROXY_KEY_CLAUDE",
        "DEEPSEEK_KEY_1",
        "DEEPSEEK_KEY_2",
        "ANTHROPIC_API_KEY",
        "GEMINI_API_KEY",
        "OPENAI_API_KEY",
        "MCP_TOKEN",
    ]
    presets = {"deepseek": PRESETS["deep"]}
    protocols = {"openai-chat", "openai-responses", "claude", "gemini", "ollama"}

    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "claude-code.md").write_text("Be brief.\n")

    text = EXAMPLE.read_text(encoding="utf-8")
    config, problems = load_config(tmp_path / "ccproxy.yaml", dict.fromkeys(names, "k"), presets, protocols, text)

    assert [] == problems
    assert {"default", "qwen"} == set(config.groups)
    assert (tmp_path / "prompts" / "claude-code.md",) == config.watched
    policy = config.groups["qwen"].aliases[0].policy
    assert (Injection("Be brief."), (Replacement("Claude Code", "the assistant"),)) == (
        policy.injection,
        policy.replacements,
    )
    assert (NamePatterns(("WebFetch", "WebSearch")), Sampling(0.7, {"max_tokens": 8192})) == (
        policy.dropped_tools,
        policy.sampling,
    )
    assert {"enable_thinking": False, "model": "m"} == policy.parameters({"model": "m"})
    assert config.groups["default"].aliases[0].policy is NO_POLICY
    assert "qwen" == config.active_group
    assert (2, 60.0) == (config.resilience.retries, config.resilience.cooldown_s)
    assert "sqlite:///ccproxy.db" == config.state
    assert {"files", "remote"} == set(config.mcp.servers)
    assert ("files.write_file",) == config.mcp.disabled_tools

"""Mode `auto`: who is known to call tools."""

import pytest

from ccproxy.compat.support import ToolSupport
from compat.conftest import BOOK

REFUSALS = [
    "registry.ollama.ai/library/gemma:2b does not support tools",
    "This model doesn't support tool use in streaming mode.",
    '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    "tools param requires --jinja flag",
    "No endpoints found that support tool use. Try disabling \"bash\".",
    "Function calling is not enabled for models/gemma-3-27b-it",
    "`tools` is not supported with this model",
]  # fmt: skip
OTHER_ERRORS = [
    "context length exceeded",
    "Invalid schema for function 'x': in context=(), object schema missing properties",
    "model `llama9` not found",
    "messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
    "Rate limit reached",
]


@pytest.fixture
def support():
    return ToolSupport(BOOK.rules)


def test_a_model_that_nobody_knows_gets_calls_in_text(support):
    assert support.is_native("local", "unheard-of") is False


def test_tables_and_runtimes_say_who_has_tools(support):
    assert support.is_native("openai", "gpt", abilities={"tools", "reasoning"})
    assert support.is_native("local", "llama3.1", shown=["completion", "tools"])
    assert not support.is_native("local", "gemma", shown=["completion", "vision"])


def test_a_flag_of_a_quirk_counts_more_than_tables(support):
    assert not support.is_native("p", "m", abilities={"tools"}, capabilities={"tools": False})
    assert support.is_native("p", "m", capabilities={"tools": True})


@pytest.mark.parametrize("message", REFUSALS)
def test_a_refusal_is_remembered(support, message):
    assert support.learn("p", "m", message)

    assert not support.is_native("p", "m", abilities={"tools"})
    assert support.is_native("p", "other", abilities={"tools"})


@pytest.mark.parametrize("message", OTHER_ERRORS)
def test_other_errors_say_nothing_about_tools(support, message):
    assert not support.learn("p", "m", message)

    assert support.is_native("p", "m", abilities={"tools"})

"""Where the chats of every preset go, and in which header its key: a table to compare with the providers' pages."""

from __future__ import annotations

import pytest

from ccproxy.config.presets import build_presets
from ccproxy.config.providers import provider_of
from ccproxy.conversion.engine import Engine
from ccproxy.mapping.protocol import CHAT
from ccproxy.upstream.endpoint import Endpoint, build_endpoint

KEY = "words-of-a-key"
VARIABLES = {
    "AZURE_OPENAI_RESOURCE": "mine",
    "GOOGLE_VERTEX_LOCATION": "europe-west4",
    "GOOGLE_VERTEX_PROJECT": "my-project",
}
ENGINE = Engine.load()
PRESETS = build_presets(ENGINE.library.index.providers)
BEARER, X_API_KEY, GOOGLE = "authorization", "x-api-key", "x-goog-api-key"
VERTEX = "europe-west4-aiplatform.googleapis.com/v1/projects/my-project/locations/europe-west4/publishers/google"
WHERE = {
    "anthropic": ("https://api.anthropic.com/v1/messages", X_API_KEY),
    "azure-openai": ("https://mine.openai.azure.com/openai/v1/chat/completions", "api-key"),
    "cerebras": ("https://api.cerebras.ai/v1/chat/completions", BEARER),
    "cohere": ("https://api.cohere.com/v2/chat", BEARER),
    "dashscope": ("https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions", BEARER),
    "dashscope-intl": ("https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions", BEARER),
    "deepseek": ("https://api.deepseek.com/chat/completions", BEARER),
    "deepseek-claude": ("https://api.deepseek.com/anthropic/v1/messages", X_API_KEY),
    "embedded": ("http://127.0.0.1:80/v1/chat/completions", BEARER),
    "fireworks": ("https://api.fireworks.ai/inference/v1/chat/completions", BEARER),
    "gemini": ("https://generativelanguage.googleapis.com/v1beta/models/m%2F1:generateContent", GOOGLE),
    "github-copilot": ("https://api.githubcopilot.com/chat/completions", BEARER),
    "github-models": ("https://models.github.ai/inference/chat/completions", BEARER),
    "groq": ("https://api.groq.com/openai/v1/chat/completions", BEARER),
    "huggingface": ("https://router.huggingface.co/v1/chat/completions", BEARER),
    "llamacpp": ("http://127.0.0.1:8080/v1/chat/completions", BEARER),
    "lmstudio": ("http://127.0.0.1:1234/v1/chat/completions", BEARER),
    "minimax": ("https://api.minimax.io/v1/chat/completions", BEARER),
    "minimax-claude": ("https://api.minimax.io/anthropic/v1/messages", X_API_KEY),
    "minimax-cn": ("https://api.minimaxi.com/v1/chat/completions", BEARER),
    "mistral": ("https://api.mistral.ai/v1/chat/completions", BEARER),
    "modelscope": ("https://api-inference.modelscope.cn/v1/chat/completions", BEARER),
    "moonshot": ("https://api.moonshot.ai/v1/chat/completions", BEARER),
    "moonshot-claude": ("https://api.moonshot.ai/anthropic/v1/messages", BEARER),
    "moonshot-cn": ("https://api.moonshot.cn/v1/chat/completions", BEARER),
    "nvidia": ("https://integrate.api.nvidia.com/v1/chat/completions", BEARER),
    "ollama": ("http://127.0.0.1:11434/api/chat", BEARER),
    "ollama-cloud": ("https://ollama.com/api/chat", BEARER),
    "openai": ("https://api.openai.com/v1/responses", BEARER),
    "openai-chat": ("https://api.openai.com/v1/chat/completions", BEARER),
    "openrouter": ("https://openrouter.ai/api/v1/chat/completions", BEARER),
    "perplexity": ("https://api.perplexity.ai/chat/completions", BEARER),
    "sglang": ("http://127.0.0.1:30000/v1/chat/completions", BEARER),
    "siliconflow": ("https://api.siliconflow.com/v1/chat/completions", BEARER),
    "siliconflow-cn": ("https://api.siliconflow.cn/v1/chat/completions", BEARER),
    "together": ("https://api.together.xyz/v1/chat/completions", BEARER),
    "vercel": ("https://ai-gateway.vercel.sh/v1/chat/completions", BEARER),
    "vertex": ("https://aiplatform.googleapis.com/v1/publishers/google/models/m%2F1:generateContent", GOOGLE),
    "vertex-project": (f"https://{VERTEX}/models/m%2F1:generateContent", BEARER),
    "vllm": ("http://127.0.0.1:8000/v1/chat/completions", BEARER),
    "xai": ("https://api.x.ai/v1/chat/completions", BEARER),
    "zai": ("https://api.z.ai/api/paas/v4/chat/completions", BEARER),
    "zai-claude": ("https://api.z.ai/api/anthropic/v1/messages", BEARER),
    "zai-coding": ("https://api.z.ai/api/coding/paas/v4/chat/completions", BEARER),
    "zhipu": ("https://open.bigmodel.cn/api/paas/v4/chat/completions", BEARER),
}  # fmt: skip


def endpoint_of(name: str, key: str | None) -> Endpoint:
    """Where a preset's chats go; the model has a slash, as many do."""
    preset = PRESETS[name]
    provider = provider_of(preset, (key,) if key else (), VARIABLES)
    protocol = ENGINE.protocols[preset.protocol]
    return build_endpoint(provider, key, "m/1", protocol, protocol.operations[CHAT], {})


def test_every_preset_is_in_the_table() -> None:
    assert sorted(WHERE) == sorted(PRESETS)


@pytest.mark.parametrize("name", WHERE)
def test_a_preset_builds_its_address(name: str) -> None:
    endpoint = endpoint_of(name, KEY)
    origin = endpoint.origin
    usual = 443 if origin.tls else None
    port = "" if origin.port == usual else f":{origin.port}"

    assert WHERE[name][0] == f"{'https' if origin.tls else 'http'}://{origin.host}{port}{endpoint.target}"
    assert "POST" == endpoint.method


@pytest.mark.parametrize("name", WHERE)
def test_the_key_is_where_the_provider_looks_for_it(name: str) -> None:
    headers = endpoint_of(name, KEY).headers

    assert headers[WHERE[name][1]] in (KEY, f"Bearer {KEY}")
    assert "" not in headers.values()
    assert KEY not in endpoint_of(name, KEY).target


def test_a_header_without_text_is_left_out() -> None:
    assert [] == [name for name in ("azure-openai",) if "authorization" in endpoint_of(name, KEY).headers]
    assert "x-goog-api-key" not in endpoint_of("vertex-project", KEY).headers

"""C6xx: the configuration file is well-formed but cannot work."""

from ccproxy.diagnostics.catalogue.entry import CodeInfo

CONFIGURATION = (
    CodeInfo(
        "C601",
        "unknown provider",
        "A target names a provider that neither `providers:` nor the presets know.",
        "aliases: { '*': locl/smollm2 }",
        "aliases: { '*': local/smollm2 }",
    ),
    CodeInfo(
        "C602",
        "missing environment variable",
        "`$NAME` is read from the environment and from a .env file beside the configuration; neither has it.",
        "keys: [$PROVIDR_KEY]",
        "keys: [$PROVIDER_KEY]",
    ),
    CodeInfo(
        "C603",
        "unreachable alias",
        "Every model name that this alias matches goes to another one. An exact name beats a pattern, a longer pattern "
        "beats a shorter one, and of two of the same length the first counts. A name `group@model` asks that group.",
        'aliases:\n  "*big-*": local/a\n  "big-*": local/b',
        'aliases:\n  "*": local/a\n  "big-*": local/b',
    ),
    CodeInfo(
        "C604",
        "not a duration",
        "A duration is a number with a unit: `500ms`, `15s`, `2m`, `1h`.",
        "cooldown: 60 seconds",
        "cooldown: 60s",
    ),
    CodeInfo(
        "C605",
        "not a size",
        "A size is a number with a unit: `512KiB`, `64MiB`, `1GiB`, or a plain number of bytes.",
        "max_body: 64 megs",
        "max_body: 64MiB",
    ),
    CodeInfo(
        "C606",
        "unknown protocol",
        "No mapping folder has this name. `ccproxy validate` lists close names; a protocol is a folder with a "
        "protocol.yaml.",
        "protocol: unifed",
        "protocol: unified",
    ),
    CodeInfo(
        "C607",
        "unknown group",
        "`active_group`, `fallback_group` or a key's `groups` names a group that `groups:` does not define.",
        "groups: { default: {} }\nactive_group: defualt",
        "groups: { default: {} }\nactive_group: default",
    ),
    CodeInfo(
        "C608",
        "incomplete provider",
        "A provider without a preset of its name needs `protocol:` and `base_url:`.",
        "providers:\n  mine: { keys: [$KEY] }",
        "providers:\n  mine: { protocol: my-chat, base_url: 'http://127.0.0.1:8080/v1', keys: [$KEY] }",
    ),
    CodeInfo(
        "C609",
        "open proxy",
        "The server would listen on a public address without access keys: anybody could spend your provider keys.",
        "server: { host: 0.0.0.0 }",
        "server: { host: 0.0.0.0 }\naccess: { keys: { me: $CCPROXY_KEY } }",
    ),
    CodeInfo(
        "C610",
        "circle of fallback groups",
        "Following `fallback_group` from here comes back to the same group.",
        "groups:\n  a: { fallback_group: b }\n  b: { fallback_group: a }",
        "groups:\n  a: { fallback_group: b }\n  b: {}",
    ),
    CodeInfo(
        "C611",
        "unknown quirk",
        "No file under mappings/quirks/ has this name.",
        "quirks: [no_forced_tool]",
        "quirks: [no_forced_tools]",
    ),
    CodeInfo(
        "C612",
        "missing file",
        "A file that the configuration names does not exist. Paths are relative to the configuration file.",
        "prompt: { mode: replace, file: promts/a.md }",
        "prompt: { mode: replace, file: prompts/a.md }",
    ),
    CodeInfo(
        "C613",
        "alias without targets",
        "Clients could ask for this name, and nobody would answer.",
        'aliases: { "*": [] }',
        'aliases: { "*": [local/a] }',
    ),
    CodeInfo(
        "C614",
        "target listed twice",
        "The same model of the same provider stands twice among the targets of an alias. Weights say how "
        "often a target "
        "has its turn.",
        'aliases: { "*": [local/a, other/b, local/a] }',
        'aliases:\n  "*":\n    - { provider: local, model: a, weight: 2 }\n    - other/b',
    ),
    CodeInfo(
        "C615",
        "key listed twice",
        "A provider that has one key twice would use it twice as often and rest it as if it were two. Of two "
        "access keys "
        "that are the same only the first counts, with its limits and its name in the log.",
        "keys: [$KEY_1, $KEY_1]",
        "keys: [$KEY_1, $KEY_2]",
    ),
    CodeInfo(
        "C616",
        "unused provider",
        "No alias of any group has a target of this provider, so nobody can reach it.",
        'providers: { local: {}, spare: {} }\ngroups: { default: { aliases: { "*": local/a } } }',
        'providers: { local: {}, spare: {} }\ngroups: { default: { aliases: { "*": [local/a, spare/b] } } }',
    ),
    CodeInfo(
        "C617",
        "group that no key opens",
        "Every access key is limited to groups, this is none of them, and none of them falls back to it.",
        "access: { keys: { me: { key: $KEY, groups: [fast] } } }\ngroups: { fast: {}, cheap: {} }",
        "access: { keys: { me: { key: $KEY, groups: [fast, cheap] } } }\ngroups: { fast: {}, cheap: {} }",
    ),
    CodeInfo(
        "C618",
        "unknown preset",
        "No file under mappings/providers/ has this name.",
        "providers: { mine: { preset: grok } }",
        "providers: { mine: { preset: groq } }",
    ),
    CodeInfo(
        "C619",
        "retired model",
        "The provider has announced that it does not answer under this name any more. The date and the "
        "successor are in "
        "the `retired` list of its preset.",
        'aliases: { "*": somebody/model-1 }',
        'aliases: { "*": somebody/model-2 }',
    ),
    CodeInfo(
        "C620",
        "unprotected provider",
        "With `http://` everybody on the way can read the key and what is said. Only servers on this machine or in the "
        "own network do without encryption.",
        "base_url: http://api.example.com/v1",
        "base_url: https://api.example.com/v1",
    ),
    CodeInfo(
        "C621",
        "budget that some models do not count for",
        "A budget in US dollars counts by the prices of presets and of `prices:`. A model with neither costs nothing, "
        "so that the key may use it without end.",
        "access: { keys: { me: { key: $KEY, budget: { usd: 5, per: day } } } }",
        "access: { keys: { me: { key: $KEY, budget: { usd: 5, per: day } } } }\n"
        "prices: { local/any: { input: 0.1, output: 0.4 } }",
    ),
)

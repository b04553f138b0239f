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
        "An alias above already matches every model name that this one matches.",
        'aliases:\n  "*": local/a\n  "big-*": local/b',
        'aliases:\n  "big-*": local/b\n  "*": local/a',
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
)

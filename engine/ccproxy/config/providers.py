"""The `providers:` section."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ccproxy.config.environment import expand
from ccproxy.config.header_templates import read_headers
from ccproxy.config.model import Provider, Timeouts
from ccproxy.config.outbound import proxies_by_key, read_keys, read_proxies
from ccproxy.config.presets import Preset, read_timeouts
from ccproxy.diagnostics.suggest import closest, quoted_list

if TYPE_CHECKING:
    from ccproxy.config.section import Reading, Section

URL_STARTS = ("http://", "https://")


def read_providers(
    section: Section, presets: Mapping[str, Preset], protocols: Collection[str], reading: Reading
) -> dict[str, Provider]:
    """Read each provider, filled up from the preset of its name."""
    providers = {}
    for name, entry in section.sections():
        provider = _read_provider(name, entry, presets, reading)
        if provider is not None:
            _check_protocol(provider, entry, protocols, reading)
            providers[name] = provider
    return providers


def provider_of(preset: Preset, keys: tuple[str, ...], variables: Mapping[str, str]) -> Provider:
    """Return the provider that a preset alone describes; its address may name variables."""
    return Provider(
        name=preset.name,
        protocol=preset.protocol,
        base_url=expand(preset.base_url, variables)[0].rstrip("/"),
        keys=keys,
        headers=preset.headers,
        timeouts=preset.timeouts,
        quirks=preset.quirks,
    )


def _read_provider(name: str, entry: Section, presets: Mapping[str, Preset], reading: Reading) -> Provider | None:
    named = entry.text("preset")
    preset = presets.get(named or name)
    known = provider_of(preset, (), reading.variables) if preset else None
    protocol = entry.text("protocol") or (known.protocol if known else None)
    base_url = entry.text("base_url") or (known.base_url if known else None)
    named_keys, own_proxies = read_keys(entry, reading)
    keys = named_keys or _keys_of(preset, reading.variables)
    proxies = proxies_by_key(own_proxies or ("",) * len(keys), read_proxies(entry, reading))
    headers, quirks = read_headers(entry.section("headers"), reading, with_key=True), entry.texts("quirks")
    timeouts = read_timeouts(entry.section("timeouts"), known.timeouts if known else Timeouts())
    entry.finish()
    if named and preset is None:
        _report_preset(named, entry, presets, reading)
    if not protocol or not base_url:
        if preset or not named:
            _report_incomplete(name, entry, presets, reading)
        return None
    _check_url(name, base_url, entry, reading)
    fresh = Provider(name, protocol, base_url.rstrip("/"), keys, headers, timeouts, quirks, proxies)
    if known is None:
        return fresh
    return replace(fresh, headers={**known.headers, **headers}, quirks=quirks or known.quirks)


def _keys_of(preset: Preset | None, variables: Mapping[str, str]) -> tuple[str, ...]:
    """The key that a preset's variables hold, for a provider whose keys the configuration does not name."""
    names = preset.key_variables if preset else ()
    return next(((key,) for name in names if (key := variables.get(name))), ())


def _report_preset(named: str, entry: Section, presets: Mapping[str, Preset], reading: Reading) -> None:
    node = entry.node.get("preset") if entry.node else None
    if node is not None:
        reading.report(
            "C618",
            f"unknown preset `{named}`",
            node,
            label="mappings/providers has no such file",
            suggestion=closest(named, presets) or "",
        )


def _report_incomplete(name: str, entry: Section, presets: Mapping[str, Preset], reading: Reading) -> None:
    if entry.node is None:
        return
    reading.report(
        "C608",
        f"provider `{name}` needs `protocol` and `base_url`",
        entry.node,
        label="no preset has this name",
        note=f"presets are {quoted_list(sorted(presets), 'and')}" if presets else "",
        suggestion=closest(name, presets) or "",
    )


def _check_protocol(provider: Provider, entry: Section, protocols: Collection[str], reading: Reading) -> None:
    node = entry.node.get("protocol") if entry.node else None
    if node is not None and provider.protocol not in protocols:
        reading.report(
            "C606",
            f"unknown protocol `{provider.protocol}`",
            node,
            label="no mapping folder has this name",
            note=f"protocols are {quoted_list(sorted(protocols), 'and')}",
            suggestion=closest(provider.protocol, protocols) or "",
        )


def _check_url(name: str, base_url: str, entry: Section, reading: Reading) -> None:
    node = entry.node.get("base_url") if entry.node else None
    if node is not None and not base_url.startswith(URL_STARTS):
        reading.report(
            "S205", f"`providers.{name}.base_url` must start with `http://` or `https://`", node, label="no URL"
        )

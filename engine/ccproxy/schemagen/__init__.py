"""Regenerates `schemas/wire/` from the types of the official SDKs and the hand-written additions.

A development tool: `python -m ccproxy.schemagen [--check]`. Nothing in the proxy imports it;
it needs the SDKs installed.

    additions/<protocol>.yaml -> SDK types -> slim -> names -> edits -> prune -> wire/<protocol>/<kind>.schema.json
"""

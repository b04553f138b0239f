"""Bytes to events and back: server-sent events, newline-delimited JSON, JSON arrays. Pure, and safe at any byte cut."""

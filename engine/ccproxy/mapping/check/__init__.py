"""Checks mappings like a typed language, before they run: shapes flow from the source's schema to the target's."""

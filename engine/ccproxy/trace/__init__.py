"""Traces: every stage of one request, and for every field the rule that wrote it and what that rule read."""

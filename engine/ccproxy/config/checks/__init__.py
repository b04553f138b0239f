"""Checks of what the sections of a configuration say together; each section's own mistakes are told when it is read."""

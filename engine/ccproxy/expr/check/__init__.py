"""Finds mistakes in expressions before they run, from the schemas of what they read."""

"""YAML files as trees that remember where each character stands; JSON-Schema problems as diagnostics."""

"""Mappings: files -> templates -> checks -> compiled Python -> conversions."""

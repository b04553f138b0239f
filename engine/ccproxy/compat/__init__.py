"""Tool calls in text: tools for models that have none. Pure; the dialects are data (mappings/compat)."""

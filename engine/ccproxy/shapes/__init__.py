"""JSON Schemas seen as static types, and as fast validators of request bodies."""

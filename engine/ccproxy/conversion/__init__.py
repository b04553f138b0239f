"""Conversions between two protocols: requests one way, answers, streams and errors the other. No I/O."""

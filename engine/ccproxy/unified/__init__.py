"""The unified format at work: normal form of requests, well-formed streams, whole answers.

Everything here is pure and synchronous; ids and time come in as arguments.
"""

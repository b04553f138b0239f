"""Syntax tree -> Python expressions.

Everything is written as expressions, so that `and`, `?:` and predicates stay lazy without blocks of statements; what
is needed twice gets a name: by a line of its own where the code surely runs, else by `:=` at its first use.
"""

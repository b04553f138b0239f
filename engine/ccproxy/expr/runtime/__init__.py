"""The functions that generated code calls when a value is not of the usual kind."""

"""JSONata expressions: parse, check before they run, compile to Python, fall back to the reference evaluator."""

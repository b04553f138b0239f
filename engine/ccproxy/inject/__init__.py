"""Tools that the proxy itself offers to models: what is added to requests, and what becomes of their calls."""

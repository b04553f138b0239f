"""The way to providers: addresses, headers, one pooled client session, and failures as data."""

"""Sessions: real exchanges written down without secrets, and replayed offline."""

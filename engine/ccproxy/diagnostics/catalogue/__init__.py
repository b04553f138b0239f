"""What each diagnostic means, one module per family."""

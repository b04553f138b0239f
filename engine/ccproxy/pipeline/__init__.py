"""One request from client bytes to client bytes: plan it, send it, bring the answer back."""

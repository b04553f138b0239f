"""The configuration: text to frozen values. A user's mistakes become diagnostics; nothing is raised for them."""

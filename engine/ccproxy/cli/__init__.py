"""The command line: one module per verb, `main` finds them. stdout for results, stderr for talk."""

"""`python -m ccproxy` is the console script."""

import sys

from ccproxy.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

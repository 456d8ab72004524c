"""``python -m hrnet_native``: the command, for those who have an interpreter but not its scripts."""

import sys

from hrnet_native.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

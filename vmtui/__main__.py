"""`python -m vmtui` does what the `vmtui` command does."""

import sys

from vmtui.cli import main

sys.exit(main())

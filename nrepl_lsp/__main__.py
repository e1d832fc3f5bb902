"""`python -m nrepl_lsp` is the program `nrepl-lsp`."""

import sys

from nrepl_lsp.cli import main

sys.exit(main())

"""`python -m nrepl_lsp.demo [PICTURE.svg]`: the demo, and a picture of it for the README."""

import sys

from .play import main

sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))

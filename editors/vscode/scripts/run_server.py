"""
Starts the nrepl-lsp that the extension brings, with the libraries beside it.

Run with `-I -S`: nothing of the user's environment, of the project's folder or of installed
packages is imported, so none of it can break the server or be run by it.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "libs"))

from nrepl_lsp.cli import main

sys.exit(main())

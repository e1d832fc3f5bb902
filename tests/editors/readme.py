"""The READMEs of `editors/`, out of which each driver takes its configuration word for word."""

import re
from pathlib import Path

__all__ = ["EDITORS", "blocks"]

EDITORS = Path(__file__).parents[2] / "editors"


def blocks(editor: str, language: str, heading: str = "") -> list[str]:
    """The fenced blocks in the language, in their order; only those under the heading, if given."""
    text = (EDITORS / editor / "README.md").read_text(encoding="utf-8")
    if heading:
        parts = re.split(r"(?m)^###? (.+)\n", text)
        text = dict(zip(parts[1::2], parts[2::2], strict=True))[heading]
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", text)

"""From what the running program says to what LSP carries: the only place where the two meet."""

from pathlib import Path
from typing import Any

from nrepl_lsp.source.lines import Encoding, Lines
from nrepl_lsp.tooling.values import SourceLocation

__all__ = ["location", "uri_of"]

#: Bytes of a target file that is read to convert a column.
TARGET_LIMIT = 16 * 1024 * 1024


def uri_of(path: Path) -> str:
    """A file's URI. The path is absolute."""
    return path.as_uri()


def location(found: SourceLocation, path: Path, encoding: Encoding) -> dict[str, Any]:
    """
    A `Location` in a local file. Blocks on the disk when the column has to be converted.

    The server's column counts UTF-16 units, as far as it is known at all.
    """
    line, column = found.line, found.column or 0
    if column and encoding != "utf-16":
        column = _convert_column(path, line, column, encoding)
    position = {"line": line, "character": column}
    return {"uri": uri_of(path), "range": {"start": position, "end": position}}


def _convert_column(path: Path, line: int, column: int, encoding: Encoding) -> int:
    try:
        with path.open("rb") as file:
            lines = Lines(file.read(TARGET_LIMIT).decode("utf-8", "replace"))
    except OSError:
        return 0
    return lines.position(lines.offset(line, column, "utf-16"), encoding)[1]

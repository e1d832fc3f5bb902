"""
Writes the settings of docs/settings.md into package.json; with `--check` it only looks.

docs/settings.md is where they are described. What only VS Code needs (`nrepl.server.…`) stands in
package.json itself, in sections that the document does not have.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

EXTENSION = Path(__file__).resolve().parents[1]
PACKAGE = EXTENSION / "package.json"
DOCUMENT = EXTENSION.parents[1] / "docs" / "settings.md"

# The document's words for a type; those with numbers or words in them are read in `_schema`.
TYPES: dict[str, dict[str, Any]] = {
    "true or false": {"type": "boolean"},
    "list of texts": {"type": "array", "items": {"type": "string"}},
    "list of objects with `remote` and `local`": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"remote": {"type": "string"}, "local": {"type": "string"}},
            "required": ["remote", "local"],
            "additionalProperties": False,
        },
    },
    "object of true or false by name": {
        "type": "object",
        "additionalProperties": {"type": "boolean"},
    },
}


def main() -> None:
    package = json.loads(PACKAGE.read_text("utf-8"))
    contributed = package["contributes"]
    wanted = merged(contributed.get("configuration", []), sections(DOCUMENT.read_text("utf-8")))
    if contributed.get("configuration") == wanted:
        return
    if "--check" in sys.argv:
        raise SystemExit(f"package.json differs from docs/settings.md: run {Path(__file__).name}")
    contributed["configuration"] = wanted
    PACKAGE.write_text(json.dumps(package, indent=2, ensure_ascii=False) + "\n", "utf-8")


def merged(present: list[dict[str, Any]], documented: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The document's sections in the places of those before; the others stay as they are."""
    by_title = {section["title"]: section for section in documented}
    known = [by_title.pop(section["title"], section) for section in present]
    return [*known, *by_title.values()]


def sections(text: str) -> list[dict[str, Any]]:
    """The document as VS Code's `contributes.configuration`."""
    found = []
    order = 100  # behind what package.json has of its own
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        title, _, rest = part.partition("\n")
        properties = {}
        for setting in re.split(r"^### ", rest, flags=re.M)[1:]:
            name, schema = _setting(setting)
            properties[name] = {**schema, "order": order}
            order += 1
        found.append({"title": title, "properties": properties})
    return found


def _setting(text: str) -> tuple[str, dict[str, Any]]:
    name, body = re.fullmatch(r"`(nrepl\.[\w.]+)`\n\n(.*)", text, re.S).groups()
    described, _, facts = body.partition("\n- Type: ")
    type_, default = re.fullmatch(r"(.*?)\n- Default: `(.*?)`\n.*", facts, re.S).groups()
    default = json.loads(default)
    schema = _schema(" ".join(type_.split()))
    if default is None and isinstance(schema["type"], str):
        schema["type"] = [schema["type"], "null"]
    if name == "nrepl.features":
        names = re.search(r"The names: (.*?)\.\s", described, re.S)[1]
        schema["propertyNames"] = {"enum": re.findall(r"`(\w+)`", names)}
    return name, {**schema, "default": default, "markdownDescription": _described(described)}


def _schema(type_: str) -> dict[str, Any]:
    if re.fullmatch(r"(`\"?\w+\"?`(, | or )?)+", type_):
        return {"type": "string", "enum": re.findall(r"\w+(?=\"?`)", type_)}
    if least := re.fullmatch(r"whole number, at least (\d+)", type_):
        return {"type": "integer", "minimum": int(least[1])}
    if most := re.fullmatch(r"number, above 0 and at most (\d+)", type_):
        return {"type": "number", "exclusiveMinimum": 0, "maximum": int(most[1])}
    if re.fullmatch(r"text \(.*\), a port number, or null", type_):
        return {"type": ["string", "integer", "null"], "minimum": 1, "maximum": 65535}
    if type_ not in TYPES:
        raise SystemExit(f"docs/settings.md: what is the type {type_!r}?")
    return dict(TYPES[type_])


def _described(text: str) -> str:
    """Paragraphs without their line breaks; links into docs/ lead nowhere in VS Code."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n")]
    return re.sub(r"\[(.*?)\]\([^)]*\)", r"\1", "\n\n".join(paragraphs))


if __name__ == "__main__":
    main()

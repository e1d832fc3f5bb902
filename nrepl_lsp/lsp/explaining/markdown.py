"""What hovers and completion documentation say, as Markdown or as plain text."""

from collections.abc import Iterable
from functools import lru_cache

from nrepl_lsp.source.languages import Language
from nrepl_lsp.tooling.values import SymbolInfo

from .clojuredocs import clojuredocs_url
from .docstrings import argument_names, dedented, fenced, inline_code, rendered
from .javadoc import as_markdown

__all__ = ["documentation", "hover_text", "is_small", "local_text", "namespace_text"]

#: Characters of documentation shown; a class with 300 methods is no help in a hover.
TEXT_LIMIT = 20_000
#: Texts that are remembered, because one name is hovered over many times while a form is written.
REMEMBERED_LIMIT = 64
#: Candidates of an ambiguous name that are listed, members of a class, names to see also.
CANDIDATES_SHOWN = 8
MEMBERS_SHOWN = 12
SEE_ALSO_SHOWN = 10
#: Addresses in Clojure's metadata may be relative: `special_forms#if`.
_RELATIVE_TO = "https://clojure.org/"


def hover_text(info: SymbolInfo, language: Language, *, markdown: bool) -> str:
    """What a hover says: signatures, what it is, its documentation, and where there is more."""
    text = _remembered_text if is_small(info) else _hover_text
    return text(info, language.fence, markdown)


def is_small(info: SymbolInfo) -> bool:
    """Whether what is made of it may be remembered with it: it holds no text of a whole file."""
    return not (
        (info.doc is not None and len(info.doc) > TEXT_LIMIT)
        or (info.location is not None and info.location.text is not None)
        or info.candidates
        or info.fragments
        or info.tags
    )


def _hover_text(info: SymbolInfo, fence: str, markdown: bool) -> str:
    show = _Shown(fence, markdown)
    facts = [show.what(info), *_facts(info)]
    parts = [
        show.block("\n".join(_signatures(info))),
        show.joined(facts),
        show.deprecation(info),
        _documentation(info, fence, markdown),
        show.spec(info),
        show.candidates(info),
        show.names("Members", info.members, MEMBERS_SHOWN, info.members_count),
        show.names("See also", _near(info), SEE_ALSO_SHOWN),
        show.links(_links(info)),
    ]
    return "\n\n".join(part for part in parts if part)


_remembered_text = lru_cache(maxsize=REMEMBERED_LIMIT)(_hover_text)


def local_text(name: str, kind: str, form: str, language: Language, *, markdown: bool) -> str:
    """What a local is, and the form that binds it."""
    show = _Shown(language.fence, markdown)
    what = {"function": "local function"}.get(kind, kind)
    bound = f"{show.code(name)} – {show.emphasis(what)}" + (", bound in" if form else "")
    return "\n\n".join(part for part in (bound, show.block(form)) if part)


def namespace_text(
    name: str, info: SymbolInfo | None, language: Language, *, alias: str = "", markdown: bool
) -> str:
    """What a namespace is, and what it is called where it was asked for."""
    show = _Shown(language.fence, markdown)
    said = info if info is not None else SymbolInfo(name)
    what = show.emphasis("namespace") + (f", here {show.code(alias)}" if alias else "")
    parts = [
        show.block(name),
        show.joined([what, *_facts(said)]),
        show.deprecation(said),
        documentation(said, markdown=markdown, language=language),
        show.links(_links(said)),
    ]
    return "\n\n".join(part for part in parts if part)


def documentation(info: SymbolInfo, *, markdown: bool, language: Language | None = None) -> str:
    """
    A symbol's documentation; empty when there is none.

    language: what its examples are written in.
    """
    return _documentation(info, language.fence if language is not None else "", markdown)


def _documentation(info: SymbolInfo, fence: str, markdown: bool) -> str:
    if info.fragments or info.tags:
        return as_markdown((*info.fragments, ("html", "<p>"), *info.tags))[:TEXT_LIMIT]
    if not info.doc:
        return ""
    if not markdown:
        return dedented(info.doc[:TEXT_LIMIT])
    # Of `(if test then else?)` the documentation says `else`.
    forms = (form.partition(" ")[2].replace("?", " ").replace("*", " ") for form in info.forms)
    return _as_markdown(info.doc[:TEXT_LIMIT], fence or "text", (*info.arglists, *forms))


@lru_cache(maxsize=REMEMBERED_LIMIT)
def _as_markdown(doc: str, fence: str, arglists: tuple[str, ...]) -> str:
    """A doc string as Markdown. Remembered, because signature help shows one at every key press."""
    return rendered(dedented(doc), fence, argument_names(arglists))


class _Shown:
    """How things are shown to one client: as Markdown, or as plain text."""

    def __init__(self, fence: str, markdown: bool) -> None:
        self._fence = fence
        self._markdown = markdown

    def block(self, text: str) -> str:
        return fenced(text, self._fence) if self._markdown else text

    def code(self, text: str) -> str:
        return inline_code(text) if self._markdown else text

    def emphasis(self, text: str) -> str:
        return f"*{text}*" if self._markdown else text

    def strong(self, text: str) -> str:
        return f"**{text}**" if self._markdown else text

    def joined(self, facts: Iterable[str]) -> str:
        return (" · " if self._markdown else ", ").join(fact for fact in facts if fact)

    def what(self, info: SymbolInfo) -> str:
        kind = info.kind.replace("-", " ") or ("macro" if info.macro else "")
        where = info.ns if info.ns and info.ns != info.name else ""
        if not kind:
            return where
        return f"{self.emphasis(kind)} in {where}" if where else self.emphasis(kind)

    def deprecation(self, info: SymbolInfo) -> str:
        if not info.deprecated:
            return ""
        said = info.deprecated if info.deprecated.lower() != "true" else ""
        return self.strong("Deprecated") + (f" since {said}" if said else "")

    def spec(self, info: SymbolInfo) -> str:
        if not info.spec:
            return ""
        return self.strong("Spec") + "\n\n" + self.block(_laid_out(info.spec))

    def candidates(self, info: SymbolInfo) -> str:
        shown = info.candidates[:CANDIDATES_SHOWN]
        if not shown:
            return ""
        lines = [f"- {self.code(label)}{self._call(one)}" for label, one in shown]
        more = len(info.candidates) - len(shown)
        return "\n".join(["One of", "", *lines, *([f"- … and {more} more"] if more else [])])

    def _call(self, info: SymbolInfo) -> str:
        calls = ", ".join(map(self.code, _signatures(info)[:2])) if info.arglists else ""
        returns = f" → {self.code(info.returns)}" if info.returns else ""
        return (f": {calls}" if calls else "") + returns

    def names(self, title: str, names: tuple[str, ...], limit: int, count: int = 0) -> str:
        if not names:
            return ""
        more = max(count, len(names)) - min(limit, len(names))
        shown = ", ".join(map(self.code, names[:limit]))
        return f"{title}: {shown}" + (f" and {more} more" if more > 0 else "")

    def links(self, links: Iterable[tuple[str, str]]) -> str:
        return self.joined(
            f"[{title}]({url})" if self._markdown else url for title, url in dict(links).items()
        )


def _signatures(info: SymbolInfo) -> list[str]:
    if info.forms:
        return list(info.forms)
    if not info.arglists:
        return [info.qualified_name]
    if info.kind == "method":
        # The object, which the first argument is, tells the class.
        return [f"(.{info.name}{_arguments(arglist)})" for arglist in info.arglists]
    return [f"({info.qualified_name}{_arguments(arglist)})" for arglist in info.arglists]


def _arguments(arglist: str) -> str:
    inner = arglist.strip()
    if inner[:1] in ("[", "(") and inner[-1:] in ("]", ")"):
        inner = inner[1:-1].strip()
    return f" {inner}" if inner else ""


def _facts(info: SymbolInfo) -> list[str]:
    facts = []
    if info.added:
        facts.append(f"since {info.added}")
    if info.returns:
        facts.append(f"returns {info.returns}")
    return facts


def _laid_out(spec: tuple[str, ...]) -> str:
    """`:args …`, `:ret …` and `:fn …` of a function, one on each line; other specs as they are."""
    parts = list(spec)
    if len(parts) == 1 and parts[0].startswith("(s/fspec "):
        parts = _parts(parts[0][1:-1])
    if parts and parts[0] == "s/fspec":
        parts.pop(0)
    if not parts or not parts[0].startswith(":") or len(parts) % 2:
        return "\n".join(spec)
    width = max(map(len, parts[::2]))
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return "\n".join(f"{key:<{width}} {value}" for key, value in pairs if value not in ("", "nil"))


def _parts(text: str) -> list[str]:
    """The forms of a text in round brackets, at its top level."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text + " "):
        depth += (character in "([{") - (character in ")]}")
        if character == " " and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [part for part in parts if part]


def _near(info: SymbolInfo) -> tuple[str, ...]:
    """What to see also; a name of the same namespace without it."""
    prefix = f"{info.ns or 'clojure.core'}/"
    return tuple(name.removeprefix(prefix) for name in info.see_also)


def _links(info: SymbolInfo) -> list[tuple[str, str]]:
    """Titles and addresses of pages about a symbol."""
    links = []
    url = clojuredocs_url(info.ns, info.name) if info.kind != "namespace" else None
    if url:
        links.append(("ClojureDocs", url))
    if info.url:
        absolute = info.url.startswith(("http://", "https://"))
        links.append(("Reference", info.url if absolute else _RELATIVE_TO + info.url.lstrip("/")))
    if info.javadoc and info.javadoc.startswith(("http://", "https://")):
        links.append(("Javadoc", info.javadoc))
    return links

"""`nrepl.namespaces`: the namespaces that a program has, to choose one of them."""

from typing import Any

from nrepl_lsp.lsp.arguments import Arguments
from nrepl_lsp.lsp.lookup import family_of
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.lsp.session.namespaces import namespace_of
from nrepl_lsp.nrepl import NreplError
from nrepl_lsp.repl.repl import Repl
from nrepl_lsp.tooling.namespaces import NAMESPACES

#: Seconds for the program to list them.
LISTED_WITHIN = 2.0
#: Namespaces of one answer; a large program has some hundreds.
NAMESPACES_LIMIT = 5000

NOT_LISTED = "This program cannot list its namespaces."
ONLY_NAMED = f"{NOT_LISTED[:-1]}: these are those that it has named."
NO_ANSWER = "The program has not answered: try again when it is done."
NOT_NEW = "The program has not answered in time: newer namespaces are missing."


async def namespaces(ls: NreplLanguageServer, *arguments: Any) -> dict[str, Any]:
    """`nrepl.namespaces`: the loaded ones, sorted, as far as the program says them."""
    given = Arguments.read(arguments)
    place = given.place(ls.documents.last_place)
    uri = place.uri if place is not None else None
    repl = ls.repl_for(uri)
    if repl is None:
        return _told(ls, "disconnected", ls.why_detached(uri))
    family = _family(ls, uri, repl)
    try:
        found = await repl.known_namespaces(family, LISTED_WITHIN)
    except NreplError as error:
        ls.log.info("no namespaces: %s", error)
        return _told(ls, "disconnected", ls.why_detached(uri))
    is_listed = repl.namespaces.is_up_to_date
    can_list = is_listed or _can_list(repl, family)
    if not found and not is_listed:
        return _told(ls, *(("error", NO_ANSWER) if can_list else ("done", NOT_LISTED)))
    message = None
    if len(found) > NAMESPACES_LIMIT:
        message = f"These are {NAMESPACES_LIMIT:,} of {len(found):,} namespaces."
    elif not is_listed:
        message = NOT_NEW if can_list else ONLY_NAMED
    return {
        "status": "done",
        "namespaces": sorted(found)[:NAMESPACES_LIMIT],
        "ns": namespace_of(repl),
        "message": message,
    }


def _can_list(repl: Repl, family: str) -> bool:
    """Whether the program has a way to list them; one that was not answered is one as well."""
    dialect = repl.dialect
    return dialect.record({family}).questions[NAMESPACES.name] is not None or dialect.is_silent(
        NAMESPACES
    )


def _family(ls: NreplLanguageServer, uri: str | None, repl: Repl) -> str:
    """The language family of the document, or where that says none of another of the program."""
    for one in (uri, *ls.documents.uris()):
        snapshot = ls.documents.snapshot(one) if one is not None else None
        if snapshot is not None and ls.repl_for(one) is repl:
            if (family := family_of(snapshot.language)) not in ("", "plain"):
                return family
    return ""


def _told(ls: NreplLanguageServer, status: str, message: str) -> dict[str, Any]:
    ls.warn(message)
    return {"status": status, "namespaces": [], "ns": None, "message": message}

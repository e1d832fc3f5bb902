"""`textDocument/signatureHelp`: the arities of the call around the cursor."""

from collections.abc import Sequence

from lsprotocol import types

from nrepl_lsp.lsp.documents import Place
from nrepl_lsp.lsp.explaining.signatures import signature_help as as_plain_data
from nrepl_lsp.lsp.explaining.signatures import signatures_of
from nrepl_lsp.lsp.lookup import ask_symbol
from nrepl_lsp.lsp.raw import Raw
from nrepl_lsp.lsp.server import NreplLanguageServer
from nrepl_lsp.source.calling.arglists import arglists_of_local, defined_arglists
from nrepl_lsp.source.calling.calls import Call, call_at
from nrepl_lsp.source.document import Snapshot
from nrepl_lsp.source.languages.special_forms import SPECIAL_FORMS
from nrepl_lsp.source.locals.scopes import Local, local_at
from nrepl_lsp.source.namespaces import namespace_at
from nrepl_lsp.source.units import unit_at
from nrepl_lsp.tooling.signature import SIGNATURE
from nrepl_lsp.tooling.values import SymbolInfo


async def signature_help(ls: NreplLanguageServer, params: types.SignatureHelpParams) -> Raw | None:
    """Answer None outside of calls: Emacs would show a signature in place of the hover."""
    snapshot = ls.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return None
    ls.documents.notice(Place.at(params.text_document.uri, params.position))
    call = call_at(snapshot, ls.documents.offset(snapshot, params.position))
    info = await _info(ls, snapshot, call) if call is not None else None
    signatures = signatures_of(info, snapshot.language) if info is not None else []
    if call is None or info is None or not signatures:
        return None
    return Raw(as_plain_data(signatures, call, info, ls.client, _chosen(params.context)))


async def _info(ls: NreplLanguageServer, snapshot: Snapshot, call: Call) -> SymbolInfo | None:
    """What the text shows of a local, else what the program says, else the text again."""
    # What the text says, another server beside us says as well.
    is_alone = ls.settings.profile == "full"
    local = _local(snapshot, call)
    if local is not None:
        arglists = arglists_of_local(snapshot, local) if is_alone else ()
        return SymbolInfo(call.head, arglists=arglists)
    ns = namespace_at(snapshot, call.head_span.start)
    found = await ask_symbol(
        *(ls, ls.repl_for(snapshot.uri), SIGNATURE, snapshot),
        *(call.head_span.start, call.head, ls.settings.hover_timeout),
    )
    if found is not None or not is_alone:
        return found
    if (defined := _defined(snapshot, call.head, ns)) is not None:
        return defined
    form = SPECIAL_FORMS.get(snapshot.language.family, {}).get(call.head)
    return SymbolInfo(call.head, kind="special-form", forms=(form,)) if form is not None else None


def _local(snapshot: Snapshot, call: Call) -> Local | None:
    """The local that is called, if it is one."""
    start = call.head_span.start
    unit = unit_at(snapshot, start)
    # A local is written twice at least; most heads are not, and reading scopes is the dear part.
    if unit is None or snapshot.text.count(call.head, unit.start, unit.end) < 2:
        return None
    return local_at(snapshot, start) if not call.head.startswith(".") else None


def _defined(snapshot: Snapshot, head: str, ns: str | None) -> SymbolInfo | None:
    """What the definition in the same text says of a function."""
    defined = defined_arglists(snapshot, head.removeprefix(f"{ns}/"))
    return SymbolInfo(head, kind=defined[0], arglists=defined[1]) if defined else None


def _chosen(context: types.SignatureHelpContext | None) -> tuple[int, Sequence[str]] | None:
    """The number and the labels of the signatures that the user looks at."""
    shown = context.active_signature_help if context is not None else None
    if context is None or not context.is_retrigger or shown is None:
        return None
    return shown.active_signature or 0, [signature.label for signature in shown.signatures]

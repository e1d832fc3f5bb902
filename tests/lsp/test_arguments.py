"""The one argument of every command."""

from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from nrepl_lsp.lsp.arguments import Arguments, in_our_units
from nrepl_lsp.lsp.documents import DocumentStore, Place

LAST = Place.at("file:///last%20one.clj", types.Position(3, 4))
ZERO = types.Position(0, 0)


def at(line: int, character: int) -> dict[str, int]:
    return {"line": line, "character": character}


@pytest.mark.parametrize("given", [(), (None,), (None, None), ({},), ({"unknown": 1},)])
def test_nothing_given_means_the_last_place(given: tuple[Any, ...]) -> None:
    arguments = Arguments.read(given)
    assert arguments == Arguments()
    assert arguments.place(LAST) == LAST
    assert arguments.place(None) is None


def test_everything_given_is_taken() -> None:
    arguments = Arguments.read(
        (
            {
                "uri": "file:///a.clj",
                "range": {"start": at(0, 1), "end": at(2, 3)},
                "position": at(9, 9),
                "code": "(f)",
                "ns": "demo",
                "url": "localhost:7888",
                "evaluation": "4",
                "wait": True,
                "symbol": "map",
                "query": "gre",
            },
        )
    )
    where = types.Range(types.Position(0, 1), types.Position(2, 3))
    assert arguments == Arguments(
        "file:///a.clj", where, "(f)", "demo", "localhost:7888", "4", True, "map", "gre"
    )
    assert arguments.place(LAST) == Place("file:///a.clj", where)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"position": at(1, 2)}, Place.at(LAST.uri, types.Position(1, 2))),
        ({"uri": "file:///b.clj"}, Place.at("file:///b.clj", ZERO)),
        ({"uri": "file:///last one.clj"}, LAST),
        ({"uri": ""}, LAST),
    ],
)
def test_what_is_missing_comes_from_the_last_place(given: Any, place: Place) -> None:
    assert Arguments.read((given,)).place(LAST) == place


def test_a_position_without_any_document_is_no_place() -> None:
    assert Arguments.read(({"position": at(1, 2)},)).place(None) is None


def test_numbers_beyond_lsp_s_mean_the_end() -> None:
    arguments = Arguments.read(({"position": at(10**30, 10**30)},))
    assert arguments.range is not None
    assert arguments.range.start == types.Position(2**31 - 1, 2**31 - 1)


@pytest.mark.parametrize(("url", "text"), [(7888, "7888"), ("h:1", "h:1"), ("", None)])
def test_an_address_may_be_a_number(url: Any, text: str | None) -> None:
    assert Arguments.read(({"url": url},)).url == text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("x",), 'expected one object, such as {"uri": …, "position": …}'),
        (({}, {}), 'expected one object, such as {"uri": …, "position": …}'),
        (({"uri": 3},), "uri must be text, not 3"),
        (({"wait": 1},), "wait must be true or false, not 1"),
        (({"position": []},), 'position must be {"line": 0, "character": 0}, not []'),
        (({"position": {"line": 1.5, "character": 0}},), None),
        (({"range": []},), "range must have a start and an end, not []"),
        (({"range": {"end": at(0, 0)}},), "range must have a start and an end"),
        (({"url": False},), "url must be text, not False"),
        (({"code": "x" * 0 + "y", "ns": {"a": "b" * 99}},), None),
    ],
)
def test_what_is_of_the_wrong_shape_is_named(given: Any, message: str | None) -> None:
    with pytest.raises(JsonRpcInvalidParams) as refused:
        Arguments.read(given)
    if message is not None:
        assert refused.value.message == message
    assert len(refused.value.message) < 160


@pytest.mark.parametrize(
    ("ours", "theirs", "given", "expected"),
    [
        ("utf-8", "utf-32", 8, 12),  # behind é🙂
        ("utf-16", "utf-8", 12, 9),
        ("utf-16", "utf-32", 99, 17),  # past the end of the line
        ("utf-8", "utf-8", 12, 12),
    ],
)
def test_positions_in_other_units(ours: Any, theirs: str, given: int, expected: int) -> None:
    documents = DocumentStore()
    documents.encoding = ours
    text = '(str "é🙂" (f 1))'
    documents.open(types.TextDocumentItem("file:///a.clj", "clojure", 1, text))
    place = {"uri": "file:///a.clj", "position": at(0, given), "positionEncoding": theirs}
    arguments = Arguments.read(in_our_units(documents, (place,)))
    assert arguments.range == types.Range(types.Position(0, expected), types.Position(0, expected))


def test_the_last_place_is_in_our_units_already() -> None:
    documents = DocumentStore()
    documents.open(types.TextDocumentItem("file:///a.clj", "clojure", 1, '"é🙂" (f 1)'))
    documents.notice(Place.at("file:///a.clj", types.Position(0, 6)))
    given = ({"positionEncoding": "utf-8"},)
    assert in_our_units(documents, given) == given
    assert in_our_units(DocumentStore(), given) == given


@pytest.mark.parametrize("encoding", ["utf-7", 8, ["utf-8"]])
def test_units_that_are_not_known_are_refused(encoding: object) -> None:
    with pytest.raises(JsonRpcInvalidParams, match="positionEncoding must be one of utf-8, utf-16"):
        in_our_units(DocumentStore(), ({"positionEncoding": encoding},))

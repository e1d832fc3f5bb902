"""The program's candidates and the text's in one list."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nrepl_lsp.lsp.completing.merging import merged
from nrepl_lsp.lsp.completing.text_candidates import FromText
from nrepl_lsp.tooling.ranking import RANKS, Near
from nrepl_lsp.tooling.values import Candidate

KINDS = ("", "function", "namespace", "alias", "local", "word")
candidate = st.builds(
    Candidate, st.sampled_from(("a", "b", "b/", "c", "c/", "d")), st.sampled_from(KINDS)
)


def unique(candidates: list[Candidate]) -> list[Candidate]:
    return list({it.label: it for it in candidates}.values())


group = st.lists(candidate, max_size=3).map(unique)
groups = st.lists(group, min_size=2 * len(RANKS), max_size=2 * len(RANKS))


def as_ranked(found: list[list[Candidate]]) -> list[list[Candidate]]:
    """As a program's answer is: each label once in all groups."""
    seen: set[str] = set()
    kept = []
    for each in found:
        kept.append([it for it in each if it.label not in seen])
        seen.update(it.label for it in each)
    return kept


@given(groups | st.just([]), groups, group, group)
@settings(max_examples=300, deadline=None)
def test_each_label_is_there_once_and_none_is_lost(
    program: list[list[Candidate]],
    text: list[list[Candidate]],
    exact: list[Candidate],
    fuzzy: list[Candidate],
) -> None:
    program = as_ranked(program)
    found = merged(program, FromText(tuple(text), (exact, fuzzy), Near()))
    labels = [it.label for it in found]
    assert len(labels) == len(set(labels))
    given_labels = {it.label for each in (*program, *text, exact, fuzzy) for it in each}
    assert {label.rstrip("/") for label in given_labels} == {it.rstrip("/") for it in labels}
    assert {it.label for each in program for it in each} <= set(labels)

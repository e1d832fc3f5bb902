"""
The program's candidates and the text's as one list, each label once.

The program's are thousands and the text's few, so that the program's are only asked, group by group
and without a loop of ours, which labels of the text are among them.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter

from nrepl_lsp.tooling.ranking import LOCAL, OTHER, RANKS
from nrepl_lsp.tooling.values import Candidate

from .text_candidates import FromText

__all__ = ["merged"]

_LABEL = itemgetter(0)
_NOWHERE = 2 * len(RANKS)


def merged(groups: Sequence[Sequence[Candidate]], text: FromText) -> tuple[Candidate, ...]:
    """
    Group by group, the nearest of each label. The program's groups may be none at all.

    Of a local the text knows more, of everything else that is equally near the program does.
    """
    labels = set(map(_LABEL, chain(*text.groups, *text.words)))
    if not labels:
        return tuple(chain.from_iterable(groups))
    labels.update([f"{label}/" for label in labels])
    common = [labels.intersection(map(_LABEL, group)) for group in groups]
    places = {label: number for number, found in enumerate(common) for label in found}
    result: list[Candidate] = []
    seen: set[str] = set()
    for number, near in enumerate(text.groups):
        kept = [
            it
            for it in near
            if it[0] not in seen and _is_nearer(it, number, places) and _is_news(it, groups, places)
        ]
        seen.update(map(_LABEL, kept))
        from_program: Sequence[Candidate] = groups[number] if groups else ()
        if groups and not seen.isdisjoint(common[number]):
            from_program = [it for it in from_program if it[0] not in seen]
        rank = number % len(RANKS)
        result += (*kept, *from_program) if rank == LOCAL else (*from_program, *kept)
        if rank == OTHER:
            # Words stand behind all others that match as they do.
            for word in text.words[number // len(RANKS)]:
                if word[0] not in seen and word[0] not in places and f"{word[0]}/" not in places:
                    seen.add(word[0])
                    result.append(word)
    return tuple(result)


def _is_nearer(candidate: Candidate, number: int, places: Mapping[str, int]) -> bool:
    """Whether a candidate of the text is nearer than the program's of that label."""
    place = places.get(candidate[0], _NOWHERE)
    return number < place or (number == place and number % len(RANKS) == LOCAL)


def _is_news(
    candidate: Candidate, groups: Sequence[Sequence[Candidate]], places: Mapping[str, int]
) -> bool:
    """
    Whether an alias is not there in other words.

    Some servers write aliases with a slash (Basilisp, nbb); and of a function that has an alias's
    name (`str`) there is more to say.
    """
    label, kind, _, _, _, _ = candidate
    if kind != "alias":
        return True
    if f"{label}/" in places:
        return False
    group = groups[places[label]] if label in places else ()
    return all(it.kind == "namespace" for it in group if it.label == label)

"""How everything here is measured: ratios to a floor that ran in the same rounds.

Milliseconds do not travel between machines, ratios do, and only when both sides were measured
together. So every round runs all cases in a new random order (who ran just before changes a short
round trip by half), a run takes the median over its rounds, and of the runs the middle one counts.
"""

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

ORDER = random.Random(20)

RUNS = 3
ROUNDS = 40


class Unavailable(Exception):
    """What a goal measures is not built, or its floor cannot run here; the text says which."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of the table: `ours / floor` must be at most (or at least) `limit`."""

    id: str
    what: str
    floor: str
    unit: str
    limit: float
    at_least: bool = False

    def is_met(self, ratio: float) -> bool:
        return ratio >= self.limit if self.at_least else ratio <= self.limit


@dataclass(frozen=True, slots=True)
class Pair:
    """What one run gave for one goal, both in the goal's unit; `note` goes into the table."""

    ours: float
    floor: float
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.floor


@dataclass(frozen=True, slots=True)
class Bench:
    """Goals measured together. `run(rounds)` is one run: a pair for each goal, in order."""

    goals: tuple[Goal, ...]
    run: Callable[[int], Sequence[Pair]]


@dataclass(frozen=True, slots=True)
class Row:
    """One goal's outcome; `pair` is the run with the middle ratio, None when there was none."""

    goal: Goal
    pair: Pair | None
    note: str = ""


def samples(cases: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Call every case once a round, in a new order each; return what each gave, round by round."""
    values: dict[str, list[float]] = {name: [] for name in cases}
    names = list(cases)
    for _ in range(rounds):
        ORDER.shuffle(names)
        for name in names:
            values[name].append(cases[name]())
    return values


def medians(cases: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Return each case's median over the rounds."""
    found = samples(cases, rounds)
    return {name: statistics.median(values) for name, values in found.items()}


def beyond(values: Sequence[float], base: Sequence[float]) -> float:
    """Return the median of what `values` has beyond `base`, taken round by round.

    A moment in which the machine is busy falls on both, and so does not count.
    """
    differences = (value - least for value, least in zip(values, base, strict=True))
    return statistics.median(differences)


def rows(bench: Bench, *, rounds: int, runs: int) -> list[Row]:
    """Measure one bench; what cannot be measured gives rows without a pair."""
    try:
        measured = [bench.run(rounds) for _ in range(runs)]
    except Unavailable as reason:
        return [Row(goal, None, str(reason)) for goal in bench.goals]
    except ImportError as missing:
        return [Row(goal, None, f"not built: {missing}") for goal in bench.goals]
    found = []
    for goal, pairs in zip(bench.goals, zip(*measured, strict=True), strict=True):
        middle = sorted(pairs, key=lambda pair: pair.ratio)[len(pairs) // 2]
        found.append(Row(goal, middle, middle.note))
    return found

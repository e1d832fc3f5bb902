"""The benchmark runs: rows for every goal, whatever the numbers are."""

import json

import pytest

from tests.bench.__main__ import benches, main
from tests.bench.measure import Bench, Goal, Pair, Row, Unavailable, rows
from tests.bench.report import BEGIN, END, cells, within

GOAL = Goal("G0", "what", "floor", "ms", 2.0)


@pytest.mark.e2e
@pytest.mark.timeout(180)
def test_a_quick_run_gives_a_row_for_every_goal(tmp_path) -> None:
    table, data = tmp_path / "table.md", tmp_path / "rows.json"
    found = main(["--quick", "--json", str(data), "--markdown", str(table)])
    assert {row.goal.id for row in found} == {f"G{number}" for number in range(1, 16)}
    for row in found:
        assert row.pair is None or row.pair.floor != 0, row
        assert row.pair is not None or row.note, row
    assert len(json.loads(data.read_text())) == len(found)
    assert table.read_text().count("| G") == len(found)


def test_every_goal_has_a_bench() -> None:
    found = {goal.id for bench in benches(set()) for goal in bench.goals}
    assert found == {f"G{number}" for number in range(1, 16)}


def test_the_run_with_the_middle_ratio_counts() -> None:
    pairs = iter([Pair(9.0, 1.0), Pair(1.0, 1.0), Pair(30.0, 10.0)])
    (row,) = rows(Bench((GOAL,), lambda rounds: [next(pairs)]), rounds=1, runs=3)
    assert row.pair == Pair(30.0, 10.0)
    assert not GOAL.is_met(row.pair.ratio)


def test_what_cannot_be_measured_says_why() -> None:
    def run(rounds: int) -> list[Pair]:
        raise Unavailable("not built")

    (row,) = rows(Bench((GOAL,), run), rounds=1, runs=3)
    assert row == Row(GOAL, None, "not built")
    assert cells(row)[-1] == "not built"


def test_a_goal_may_be_a_lower_limit() -> None:
    goal = Goal("G0", "what", "floor", "1/s", 0.9, at_least=True)
    assert (goal.is_met(0.95), goal.is_met(0.8)) == (True, False)


def test_the_table_replaces_what_stands_between_the_markers_only() -> None:
    page = f"above\n{BEGIN}\nold\n{END}\nbelow\n"
    once = within(page, [Row(GOAL, Pair(1.0, 1.0))], "Measured.")
    assert once.startswith(f"above\n{BEGIN}\n| goal |")
    assert once.endswith(f"\n\nMeasured.\n{END}\nbelow\n")
    assert "old" not in once
    assert within(once, [Row(GOAL, Pair(1.0, 1.0))], "Measured.") == once

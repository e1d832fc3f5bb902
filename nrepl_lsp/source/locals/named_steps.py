"""What is done with a form's children, under the names that `source/languages/bindings.py` uses."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..tree import Node
from .bound_names import Group

if TYPE_CHECKING:
    from .walk import Walker

__all__ = ["PATTERNS", "STEPS", "Pattern", "Step", "reader", "step_named"]

Step = Callable[["Walker", Node, int], int]
Pattern = Callable[["Walker", Node, Group], None]

STEPS: dict[str, Step] = {}
PATTERNS: dict[str, Pattern] = {}


def step_named(name: str) -> Callable[[Step], Step]:
    """Make a function the step of this name."""

    def register(step: Step) -> Step:
        STEPS[name] = step
        return step

    return register


def reader(name: str) -> Callable[[Pattern], Pattern]:
    """Make a function the reader of patterns of this name."""

    def register(pattern: Pattern) -> Pattern:
        PATTERNS[name] = pattern
        return pattern

    return register

"""What commands are still finding out before anything is sent: an interrupt reaches that too."""

from collections.abc import Iterator
from contextlib import contextmanager

from nrepl_lsp.repl.repl import Repl

from .picking import RefusedError

__all__ = ["Plans"]


class _Plan:
    """What is found out for one command. repl: the program that it will be sent to, if known."""

    __slots__ = ("is_dropped", "repl")

    def __init__(self, repl: Repl | None) -> None:
        self.repl = repl
        self.is_dropped = False


class Plans:
    """The plans under way, oldest first."""

    def __init__(self) -> None:
        self._open: list[_Plan] = []

    @contextmanager
    def under_way(self, repl: Repl | None) -> Iterator[None]:
        """
        Have interrupts for `repl` reach what is found out meanwhile.

        Raises `RefusedError` at the end where one did: then nothing may be sent.
        """
        plan = _Plan(repl)
        self._open.append(plan)
        try:
            yield
        finally:
            self._open.remove(plan)
        if plan.is_dropped:
            raise RefusedError("Interrupted: nothing was sent.", "interrupted")

    def drop(self, repl: Repl | None) -> bool:
        """Interrupt those for a REPL, or all; whether there were any."""
        dropped = [plan for plan in self._open if repl is None or plan.repl in (repl, None)]
        for plan in dropped:
            plan.is_dropped = True
        return bool(dropped)

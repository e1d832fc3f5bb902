"""How tests are written in each language, as values by family."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["TESTING", "Testing"]


@dataclass(frozen=True, slots=True)
class Testing:
    """
    What makes a definition a test, and which libraries run tests.

    head: what the head of a form that defines a test begins with, besides those that are known for
    one: libraries have `deftest-async` and the like. marks_by_metadata: whether a function with
    `:test` in its metadata is one, as `clojure.test` runs it. libraries: the namespaces that run
    tests, one for each kind of program; of two that a program has loaded, the first counts. suffix:
    how a namespace's tests are named after it; "" when there is no such habit.
    """

    head: str = ""
    marks_by_metadata: bool = False
    libraries: tuple[str, ...] = ()
    suffix: str = ""


TESTING: Mapping[str, Testing] = MappingProxyType(
    {
        "clojure": Testing(
            head="deftest",
            marks_by_metadata=True,
            # On the JVM `cljs.test` may be loaded too, for its macros. nbb 1.6.214 and Basilisp
            # 0.5.1 have one only, also for a file that requires `clojure.test`.
            libraries=("clojure.test", "basilisp.test", "cljs.test"),
            suffix="-test",
        ),
    }
)
"""Language family → how its tests are written; those of the others cannot be run from here."""

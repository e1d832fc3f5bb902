"""The program and the file that every editor works on, the same for all servers."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["PROGRAMS", "Program"]

#: Longer than every wait of the journeys: who waits for its end has not interrupted it.
LONG = 300

_TEXT = """\
(ns demo
  (:require [{library}.string :as str]))

(defn area
  "The area of a circle of radius r."
  [r]
  (* 3 r r))

(defn shout
  "Say it louder."
  [text]
  (str/upper-case text))

(defn wait-long
  []
  {long})

(comment
  (area 2)
  (map area (range 100))
  (shout "é🙂 hello")
  (println "printed by demo")
  (wait-long)
  (read-line)
  (/ 1 0)
  (str "é🙂" (area 4))
  (area 3))
"""


@dataclass(frozen=True)
class Program:
    """
    One server, and what it says differently from the others.

    server: its name in `tests.support.servers`. division: a part of its sentence for `(/ 1 0)`.
    can_interrupt: whether what runs there stops; elsewhere a new session is what is offered.
    asks_for_input: whether it asks who evaluates; Basilisp 0.5.1 reads its own, which has ended.
    """

    server: str
    suffix: str
    library: str
    long: str
    division: str
    can_interrupt: bool
    asks_for_input: bool

    @property
    def file_name(self) -> str:
        return f"demo.{self.suffix}"

    @property
    def text(self) -> str:
        return _TEXT.format(library=self.library, long=self.long)

    def write(self, folder: Path) -> Path:
        """Write the sample file, and the root marker that editors look for, into a project."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "deps.edn").write_text("{}\n")
        file = folder / self.file_name
        file.write_text(self.text, encoding="utf-8")
        return file


PROGRAMS = {
    program.server: program
    for program in (
        Program(
            server="basilisp",
            suffix="lpy",
            library="basilisp",
            long=f'(.sleep (python/__import__ "time") {LONG})',
            division="ZeroDivisionError",
            can_interrupt=False,
            asks_for_input=False,
        ),
        Program(
            server="nrepl-1.0.0",
            suffix="clj",
            library="clojure",
            long=f"(Thread/sleep {LONG * 1000})",
            division="Divide by zero",
            can_interrupt=True,
            asks_for_input=True,
        ),
    )
}

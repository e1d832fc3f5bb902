"""Walking through a form as code: which names it binds, where each is used.

What each binding form does is in the other modules of `locals/` whose names end in `_forms`, what
a pattern binds in `destructuring.py` and `lambda_lists.py`.
"""

import re
from collections.abc import Sequence

from ..languages.bindings import Bindings
from ..tree import Node
from .bound_names import THREADING, Bound, Group, first_of
from .hoisting import hoist
from .named_steps import PATTERNS, STEPS

__all__ = ["Bound", "Group", "Walker"]


Place = tuple[Node, dict[str, Bound]]
"""A form in which names are bound by being used, and these names."""


class Walker:
    """One walk: the names that are `bound`, and what is written where.

    `uses` are the places of names that are bound: start → end and the name's number; `binding`
    are those of them that bind. `free` are the places of other symbols and of keywords: start →
    end; `quoted` and `templated` are those of them that are no code.
    `keyed` tells of bindings that are more than a name what they are: `keys`, `field`, …;
    `labels` are free names of members, methods and types.
    """

    def __init__(self, rules: Bindings) -> None:
        self.rules = rules
        self.bound: list[Bound] = []
        self.uses: dict[int, tuple[int, int]] = {}
        self.binding: set[int] = set()
        self.keyed: dict[int, str] = {}
        self.free: dict[int, int] = {}
        self.quoted: set[int] = set()
        self.templated: set[int] = set()
        self.labels: set[int] = set()
        self.env: dict[str, Bound] = {}
        self.scope_end = 0
        self.block_end = 0
        self._log: list[tuple[str, Bound | None]] = []
        self._depth = 0
        self._mark = 0
        self._implicit: Place | None = None
        self._generated: Place | None = None
        self._is_implicit = re.compile(rules.implicit or "(?!)").match

    def key(self, name: str) -> str:
        """What a name is remembered as."""
        if not self.rules.fold:
            return name
        return name.lower() if self.rules.fold == "case" else name.replace("-", "_")

    def bind(self, node: Node, group: Group, skip: int = 0, function: bool = False) -> Bound:
        """Bind the name that a node is written as, without its first `skip` characters."""
        name = node.text[skip:]
        key = ("(" if function and self.rules.separate_functions else "") + self.key(name)
        start = node.body + skip
        self.free.pop(start, None)
        known = group.names.get(key)
        if known is None:
            known = Bound(len(self.bound), name, start, node.end, group.kind)
            known.scope_start, known.scope_end = group.scope_start, group.scope_end
            self.bound.append(known)
            group.names[key] = known
            self._log.append((key, self.env.get(key)))
            self.env[key] = known
        self.uses[start] = (node.end, known.number)
        self.binding.add(start)
        self.metas(node)
        return known

    def use(self, node: Node, function: bool = False) -> None:
        """A symbol that is read as code."""
        text = node.text
        key = self.key(text) if self.rules.fold else text
        if function or (self.rules.separate_functions and node.prefix == "#'"):
            key = "(" + key
        known = self.env.get(key)
        end = node.end
        if known is None and self.rules.member:
            length = first_of(text, self.rules.member)
            if length:
                known = self.env.get(self.key(text[:length]))
                end = node.body + length
        if known is None and self._implicit is not None:
            known, end = self._unnamed(node, self._implicit)
        if known is not None:
            self.uses[node.body] = (end, known.number)
        elif node.body not in self.uses:
            self.free[node.body] = node.end

    def _unnamed(self, node: Node, place: Place) -> tuple[Bound | None, int]:
        """The argument of a short function that a symbol is: it is bound by being used."""
        match = self._is_implicit(node.text)
        if match is None:
            return None, node.end
        name, end = match.group(), node.body + match.end()
        return self._first_use(node, place, self.rules.first_implicit.get(name, name), end), end

    def _first_use(self, node: Node, place: Place, key: str, end: int) -> Bound:
        around, names = place
        if key not in names:
            name = node.text[: end - node.body]
            bound = Bound(len(self.bound), name, node.body, end, "parameter")
            bound.scope_start, bound.scope_end = around.body, around.inner_end
            self.bound.append(bound)
            self.binding.add(node.body)
            if not node.text.endswith("#"):
                self.keyed[node.body] = "implicit"
            names[key] = bound
        return names[key]

    def group(self, kind: str, scope_start: int, scope_end: int = -1) -> Group:
        """A pattern's names, visible from a place to the end of the form that is walked."""
        return Group(kind, scope_start, self.scope_end if scope_end < 0 else scope_end)

    def pattern(self, node: Node, group: Group) -> None:
        """Bind the names in a pattern."""
        if node.kind == "keyword":
            self.walk(node)
        else:
            PATTERNS[self.rules.pattern](self, node, group)

    def params(self, node: Node, group: Group) -> None:
        """Bind the names in a list of parameters."""
        PATTERNS[self.rules.params](self, node, group)

    def mark(self) -> int:
        """A point to which `leave` goes back."""
        return len(self._log)

    def leave(self, mark: int) -> None:
        """Forget the names that were bound since `mark`."""
        log, env = self._log, self.env
        while len(log) > mark:
            key, before = log.pop()
            if before is None:
                env.pop(key, None)
            else:
                env[key] = before

    def leave_form(self) -> None:
        """Forget the names that the form being walked has bound so far."""
        self.leave(self._mark)

    def walk(self, node: Node, threaded: bool = False) -> None:
        """A form that is evaluated. `#'x` is always a var in Clojure, never a local."""
        if node.metas:
            self.metas(node)
        if node.prefixes and self._is_quoted(node):
            return
        if node.kind == "list":
            self._depth += 1
            self._list(node, threaded)
            self._depth -= 1
        elif node.kind == "symbol" and not (self.rules.qualifier and "#'" in node.prefixes):
            self.use(node)
        elif node.kind != "other":
            self.free[node.body] = node.end

    def metas(self, node: Node) -> None:
        """What describes a form. In Clojure only maps are evaluated, the rest are type hints."""
        for meta in node.metas:
            if self.rules.qualifier and not meta.is_list("{"):
                self._data(meta, (), self.labels)
            else:
                self.walk(meta)

    def _is_quoted(self, node: Node) -> bool:
        """Whether a prefix makes the form data, which has then been looked at."""
        for prefix in node.prefixes:
            if prefix in self.rules.quote:
                self.data(node)
                return True
            if prefix in self.rules.template:
                self._template(node)
                return True
        return False

    def _list(self, node: Node, threaded: bool) -> None:
        prefix, rules = node.prefix, self.rules
        if prefix and prefix == rules.short_function and node.text in rules.short_brackets:
            outer, self._implicit = self._implicit, (node, {})
            if node.text == "(":
                self.call(node)
            else:
                self.each(node.children)
            self._implicit = outer
        elif node.text == "(" and prefix not in ("#?", "#?@"):
            self.call(node, threaded)
        else:
            self.each(node.children)

    def each(self, nodes: Sequence[Node]) -> None:
        """Forms that are evaluated one after another."""
        for node in nodes:
            self.walk(node)

    def call(self, node: Node, threaded: bool = False) -> None:
        """A list whose first form says what it means."""
        children = node.children
        if not children:
            return
        head = children[0]
        steps: tuple[str, ...] = ()
        name = ""
        if head.kind == "symbol" and not head.prefix:
            name = self._form_name(head.text, threaded)
            steps = self.rules.forms.get(name, ())
            if not steps and self.rules.definer and name.startswith("def"):
                steps = self.rules.definer
            self.use(head, self.rules.separate_functions)
        else:
            self.walk(head)
        declares = self.rules.declares.get(name, "") if len(children) > 1 else ""
        block_end = self.block_end
        # The name of a function is one that its block has.
        is_inner = declares == "function" and self._depth > 1 and children[1].kind == "symbol"
        if is_inner and not first_of(children[1].text, self.rules.member):
            self.bind(children[1], Group("function", node.body, block_end))
        if name in self.rules.transparent and self._depth == 1:
            self._depth = 0
            self.each(children[1:])
            self._depth = 1
        else:
            self.run(node, steps, 1, threads=name in THREADING)
        if declares == "value" and self._depth > 1:
            self.pattern(children[1], Group("local", node.end, block_end))
        elif declares == "value":
            self.names(children[1])

    def _form_name(self, text: str, threaded: bool) -> str:
        rules = self.rules
        if self.key(text) in self.env:
            return ""
        name = self.key(text) if rules.fold == "case" else text
        if name not in rules.forms and rules.qualifier:
            name = name.rpartition(rules.qualifier)[2]
        return ">" + name if threaded and ">" + name in rules.forms else name

    def run(
        self, node: Node, steps: Sequence[str], first: int, end: int = -1, threads: bool = False
    ) -> None:
        """Take the steps with the children of a list from number `first` on, then its body."""
        children = node.children
        saved = self.scope_end, self.block_end, self._mark
        self._mark = len(self._log)
        self.scope_end = self.block_end = node.inner_end if end < 0 else end
        if "then" in steps:
            then = first + steps.index("then")
            if then < len(children):
                self.scope_end = children[then].end
        for step in steps:
            first = STEPS[step](self, node, first)
        if self.rules.hoists:
            hoist(self, node, children[first:])
        for child in children[first:]:
            self.walk(child, threads)
        self.leave(self._mark)
        self.scope_end, self.block_end, self._mark = saved

    def data(self, node: Node) -> None:
        """Quoted forms: their symbols mean nothing here."""
        self._data(node, (), self.quoted)

    def names(self, node: Node) -> None:
        """Names that are defined, but not bound here."""
        self._data(node, (), set())

    def _template(self, node: Node) -> None:
        outer, self._generated = self._generated, (node, {})
        self._data(node, self.rules.unquote, self.templated)
        self._generated = outer

    def _data(self, whole: Node, unquote: tuple[str, ...], kind: set[int]) -> None:
        waiting = [whole]
        while waiting:
            node = waiting.pop()
            waiting.extend(reversed(node.metas))
            unquoted = next((at for at, one in enumerate(node.prefixes) if one in unquote), -1)
            if unquoted >= 0:
                generated, self._generated = self._generated, None
                node.prefixes = node.prefixes[unquoted + 1 :]
                node.prefix = node.prefixes[-1] if node.prefixes else ""
                self.walk(node)
                self._generated = generated
            elif node.kind == "symbol" and self._generated and node.text.endswith("#"):
                bound = self._first_use(node, self._generated, node.text, node.end)
                self.uses[node.body] = (node.end, bound.number)
            elif node.kind in ("symbol", "keyword"):
                self.free[node.body] = node.end
                kind.add(node.body)
            else:
                waiting.extend(reversed(node.children))

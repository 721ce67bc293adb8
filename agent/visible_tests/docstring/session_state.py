"""The statements that a session has run so far, as the setup of the examples after them."""

from __future__ import annotations

import ast
import sys

from agent.visible_tests.docstring.page import Page, is_known
from agent.visible_tests.names import bound_by, names_of
from agent.visible_tests.standard_values import with_imports

_OUTSIDE = frozenset({"requests", "shutil", "socket", "subprocess", "tempfile", "urllib"})
"""Modules of Python that reach out of the sandbox."""
_CHANGING = frozenset({"hash", "id", "input", "open"})
_CHANGING_METHODS = frozenset({"now", "today", "utcnow", "uuid1", "uuid4"})
"""Functions whose results differ from run to run, or that need what is outside the sandbox."""


class SessionState:
    """The statements that ran, and the names whose values are not known.

    A package that is not Python's own cannot be imported by a test. Names of the prompt that a
    session imports from one are the prompt's; others are unknown, with all that is made from them.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self.setup: list[ast.stmt] = []
        self._lost: set[str] = set()
        self._imported: set[str] = set()
        self._own = _OwnNames(page)
        self._is_broken = False

    def own_names(self, statement: ast.stmt) -> ast.stmt:
        """Return the statement with `package.f` as `f`, if `f` is a name of the prompt."""
        changed: ast.stmt = self._own.visit(statement)
        return changed

    def is_sound(self, node: ast.AST) -> bool:
        """Whether all that an expression or statement reads is known."""
        return not self._is_broken and not self._unknown(node)

    def run(self, statement: ast.stmt, *, raises: bool = False) -> None:
        """Add a statement to the setup, if it binds or changes what later steps may read."""
        match statement:
            case ast.ImportFrom(module=module, names=names, level=level):
                self._import(statement, module or "", names, is_own=level > 0)
                return
            case ast.Import(names=names):
                for item in names:
                    self._import(statement, item.name, [item], is_own=False)
                return
        bound = self._bound()
        if self._unknown(statement):
            self._lost |= bound_by(statement) | (names_of(statement) & bound)
        elif self._changes_module(statement):
            self._is_broken = True
        elif not isinstance(statement, ast.Expr) or (
            names_of(statement) & bound and not isinstance(statement.value, ast.Name)
        ):
            self._lost -= bound_by(statement)
            self.setup.append(_caught(statement) if raises else statement)

    def _bound(self) -> set[str]:
        return set().union(*map(bound_by, self.setup))

    def _unknown(self, node: ast.AST) -> set[str]:
        read = names_of(node)
        names = read - bound_by(node) - self._bound() - {self._page.entry_point, *self._page.known}
        unknown = {name for name in names if not is_known(name, self._page) or name in _CHANGING}
        if unknown and isinstance(node, ast.expr):
            _, imports = with_imports(node, dict.fromkeys(self._bound(), ""))
            unknown -= {name or module for module, name in imports}
        changing = {item.attr for item in ast.walk(node) if isinstance(item, ast.Attribute)}
        return unknown | (read & self._lost) | (changing & _CHANGING_METHODS)

    def _import(
        self, statement: ast.stmt, module: str, names: list[ast.alias], *, is_own: bool
    ) -> None:
        """Run an import. The prompt's own names are not imported."""
        if module == "__future__":
            return
        root = module.partition(".")[0]
        foreign = is_own or root not in sys.stdlib_module_names or root in _OUTSIDE
        for item in names:
            local = item.asname or item.name.partition(".")[0]
            if isinstance(statement, ast.ImportFrom) and self._is_own(item.name, foreign):
                self._own.renamed[local] = item.name
            elif foreign:
                self._own.packages.add(local)
            else:
                self._imported.add(local)
                single: ast.stmt = type(statement)(**{**vars(statement), "names": [item]})
                self.setup.append(single)

    def _is_own(self, name: str, foreign: bool) -> bool:
        return name == self._page.entry_point or (foreign and name in self._page.known)

    def _changes_module(self, statement: ast.stmt) -> bool:
        """Whether a statement changes a module, such as `random.seed(1)`: programs miss it."""
        modules = self._imported | {name for name, home in self._page.known.items() if home}
        match statement:
            case ast.Expr(value=ast.Call(func=function) as call):
                return _root(function) in modules and not names_of(call) - modules
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript() as target]):
                return _root(target) in modules
            case _:
                return False


class _OwnNames(ast.NodeTransformer):
    def __init__(self, page: Page) -> None:
        self._names = {page.entry_point, *page.known}
        self.packages: set[str] = set()
        self.renamed: dict[str, str] = {}

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if _root(node) in self.packages - self._names and node.attr in self._names:
            return ast.Name(node.attr, ast.Load())
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.renamed.get(node.id, node.id)
        return node


def _root(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _caught(statement: ast.stmt) -> ast.stmt:
    """Return a statement that raises in the session, with its exception caught."""
    handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [ast.Pass()])
    return ast.Try([statement], [handler], [], [])

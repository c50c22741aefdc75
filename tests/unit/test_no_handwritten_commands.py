"""One step, no drift: command lines come from operations, so no other module spells one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND = re.compile(
    r"\bkubectl\s+(-|get|describe|logs|exec|apply|create|delete|set|scale|patch|rollout|run|auth|edit)"
)
SOURCES = sorted(
    path
    for package in ("bot", "commands", "explainers")
    for path in (ROOT / package).rglob("*.py")
    if not path.is_relative_to(ROOT / "explainers" / "operations") and not path.is_relative_to(ROOT / "bot" / "sandbox")
)


def literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string that the program may print; docstrings are for readers of the code."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {id(node.body[0].value) for node in ast.walk(tree)
            if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


def test_no_command_line_is_written_by_hand() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in SOURCES
        if "kubectl" in (source := path.read_text())
        for line, text in literals(ast.parse(source))
        if COMMAND.search(text)
    ]
    assert found == []

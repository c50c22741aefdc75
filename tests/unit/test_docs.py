"""The documents tell the truth: generated parts are current, links lead somewhere, commands exist."""

import re
import shlex
from pathlib import Path

import pytest

from bot.terminal.reference import README, written

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page for page in ROOT.rglob("*.md") if not {".venv", "node_modules", ".git"} & set(page.relative_to(ROOT).parts)
)
PLAIN_WORDS = {"it", "their", "a", "the", "one", "sure", "this", "them", "own", "things"}
"""What may follow `make` in a sentence."""
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def test_the_command_reference_is_current() -> None:
    assert README.read_text(encoding="utf-8") == written(), "run: python -m bot.terminal.reference --write"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_module_of_the_console_has_its_place_in_the_table() -> None:
    console = ROOT / "bot" / "console"
    listed = set(re.findall(r"`(\w+\.py)`", (console / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in console.glob("*.py")} - {"__init__.py"}


def test_make_targets_that_are_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {name for page in PAGES for name in re.findall(r"\bmake ([a-z]+)\b", page.read_text(encoding="utf-8"))}
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert {"demo", "test", "quick", "lint", "bench", "generate"} <= targets
    assert named - targets <= PLAIN_WORDS


def test_every_recipe_ends_with_a_command_whose_files_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    recipes = text.split("\n### ")[1:]
    for recipe in recipes:
        line = recipe.rstrip().splitlines()[-1].strip()
        words = [word for word in shlex.split(line) if word.startswith("tests/")]
        assert words or "make" in line, recipe.splitlines()[0]
        assert [word for word in words if not (ROOT / word).exists()] == []

"""The demo's service to build: its repository with good and broken branches, and its place in the sandbox cluster."""

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.sandbox.scenarios import Scenario, parse
from bot.source import process
from bot.source.address import Address
from bot.source.invocation import Trust, command, environment

NAME = "storefront"
SOURCES = Path(__file__).parents[1] / "manifests" / "demo"
SECONDS, OUTPUT = 60.0, 1 << 16
"""What one call of git may take and say."""
_AUTHOR = ("-c", "user.name=Ana Ruiz", "-c", "user.email=ana@example.com", "-c", "commit.gpgSign=false")


@dataclass(frozen=True)
class Branch:
    """A branch: what its commit says, and the folder with its files."""

    name: str
    message: str
    folder: Path


@cache
def branches() -> tuple[Branch, ...]:
    """The branches, the default one first."""
    listed = yaml.safe_load((SOURCES / "branches.yaml").read_text(encoding="utf-8"))
    return tuple(Branch(one["branch"], one["message"], SOURCES / one["folder"]) for one in listed)


def make_repository(root: Path) -> Path:
    """A Git repository of all branches, in a folder below `root` that is named as the service.

    Raises process.Failed, without git for example.
    """
    place = root / NAME
    place.mkdir()
    main, *others = branches()
    _git(place, "init", "--quiet", "--template=", f"--initial-branch={main.name}")
    _commit(place, main)
    for branch in others:
        _git(place, "checkout", "--quiet", "-b", branch.name, main.name)
        _commit(place, branch)
    _git(place, "checkout", "--quiet", main.name)
    return place


def _commit(place: Path, branch: Branch) -> None:
    shutil.copytree(branch.folder, place, dirs_exist_ok=True)
    _git(place, "add", "--all")
    _git(place, *_AUTHOR, "commit", "--quiet", "--no-verify", "-m", branch.message)


def _git(place: Path, *words: str) -> None:
    here = environment(Address(str(place), "", NAME), None, Trust())
    process.run(command("-C", str(place), *words), here, SECONDS, OUTPUT)


def scenario(image: str) -> Scenario:
    """The service in the sandbox, bound to that image repository."""
    return parse(NAME, (SOURCES / "storefront.yaml").read_text(encoding="utf-8").replace("IMAGE", image))

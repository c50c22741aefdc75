"""The demo's service: a real repository, and programs that say what the sandbox says for them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.sandbox.registry.behaviour import LABEL
from bot.source.git import GitHost
from bot.storefront import NAME, Branch, branches, make_repository, scenario
from explainers.builds.binding import annotated


def test_each_branch_is_one_commit_with_its_own_words(tmp_path: Path) -> None:
    make_repository(tmp_path)
    host = GitHost(tmp_path)
    for branch in branches():
        commit = host.commit(NAME, branch.name)
        assert (commit.subject, commit.author, commit.ref) == (branch.message, "Ana Ruiz", branch.name)
        assert host.dockerfiles(NAME, commit.sha) == ["Dockerfile"]
    assert host.commit(NAME, "").ref == branches()[0].name


def test_the_deployment_is_bound_to_it() -> None:
    applied = [body for step in scenario("localhost:5000/storefront").timeline for body in step.apply]
    binding = annotated(next(body for body in applied if body["kind"] == "Deployment"))
    assert binding
    assert (binding.repository, binding.image) == (NAME, "localhost:5000/storefront")


@pytest.mark.parametrize("branch", branches(), ids=lambda one: str(one.name))
def test_what_the_label_says_is_what_the_program_does(branch: Branch, tmp_path: Path) -> None:
    """A program that needs a variable ends at once with the very words that the sandbox gives it."""
    folder = make_repository(tmp_path)
    subprocess.run(["git", "-C", str(folder), "checkout", "-q", branch.name], check=True)
    label = re.search(rf"^LABEL {re.escape(LABEL)}='(.*)'$", (folder / "Dockerfile").read_text(), re.MULTILINE)
    assert label
    needed = json.loads(label[1]).get("needs_env", [])
    if not needed:
        return
    environment = {name: value for name, value in os.environ.items() if name not in needed}
    ended = subprocess.run(
        [sys.executable, str(folder / "storefront.py")], capture_output=True, text=True, env=environment, timeout=20
    )
    assert ended.returncode == 1
    assert ended.stderr.strip() == f"fatal: required environment variable {needed[0]} is not set"

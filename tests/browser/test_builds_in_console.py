"""A branch built and rolled out in a real Chromium: the demo's service, a real Docker Engine, the sandbox cluster.

TESSERA_PICTURE=.github/build.png python -m pytest tests/browser/test_builds_in_console.py takes the README's picture.
"""

import os
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot import demo, local
from bot.local import Local
from tests.browser.pages import messages, newest, opened_thread, type_in, unobjected

pytestmark = [
    pytest.mark.browser,
    pytest.mark.docker,
    pytest.mark.timeout(1200),
    pytest.mark.xdist_group("builds"),  # not beside fifty other builds on the same engine
]
FIRST = 600_000
"""Milliseconds for the first push into a new registry: the engine packs and sends all of the base image, which takes 40
seconds of an idle machine."""


@pytest.fixture
def slow() -> str:
    """What the slow branch runs, and nothing else on this machine."""
    return f"sleep 300.{secrets.randbelow(10**9):09}"


@pytest.fixture
def running(slow: str) -> Iterator[Local]:
    """The demo as `tessera demo` starts it; Slack must have had nothing to object to."""
    with demo.stage() as stage:
        assert stage.why == ""
        assert stage.settings.git_root
        add_branch(stage.settings.git_root / "storefront", "slow", f"FROM python:3.11-slim\nRUN {slow}\n")
        running = local.start(
            stage.clusters, demo.NAMESPACE, demo.PROBE_IMAGE, own_identity=False, port=0, settings=stage.settings
        )
        with unobjected(running):
            yield running


def add_branch(repository: Path, name: str, dockerfile: str) -> None:
    git = ["git", "-C", str(repository), "-c", "user.name=Ana", "-c", "user.email=ana@example.com"]
    subprocess.run([*git, "checkout", "-q", "-b", name, "main"], check=True)
    (repository / "Dockerfile").write_text(dockerfile)
    subprocess.run([*git, "commit", "-q", "-am", "Take a while"], check=True)


def containers(command: str) -> list[str]:
    """The containers that run this command."""
    listed = subprocess.run(
        ["docker", "ps", "--no-trunc", "--format", "{{.ID}} {{.Command}}"], capture_output=True, text=True, check=True
    )
    return [line for line in listed.stdout.splitlines() if command in line]


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.2)


def take_picture(page: Page, folder: Path, name: str, wanted: str = "") -> None:
    page.mouse.move(700, 20)
    page.get_by_role("heading", name="shop").first.focus()
    path = Path(wanted) if wanted else folder / name
    page.screenshot(path=path)
    assert path.stat().st_size > 50_000


def press(root: Locator, label: str) -> None:
    root.get_by_role("button", name=label, exact=True).click()


def agree(page: Page, label: str) -> None:
    """Say yes to the question that a button asks."""
    page.get_by_role("dialog").get_by_role("button", name=label, exact=True).click()


def test_built_broken_diagnosed_and_rolled_back(page: Page, tmp_path: Path) -> None:
    type_in(page, "/build storefront feature/login")
    served = newest(page, "storefront runs")
    expect(served).to_contain_text("of feature/login", timeout=FIRST)
    for stage in ("fetch", "build", "push", "deploy", "verify"):
        expect(served).to_contain_text(f"✓ {stage}")
    expect(served).to_contain_text("2 of 2 pods ready")
    thread = opened_thread(page, served)
    expect(thread).to_contain_text("set image deployment/storefront storefront=localhost:")
    take_picture(page, tmp_path, "served.png")

    type_in(page, "/build storefront broken/dockerfile")
    failed = newest(page, "storefront was not built")
    expect(failed).to_contain_text("requirements.txt")
    expect(failed).to_contain_text("nothing was rolled out")
    thread = opened_thread(page, failed)
    expect(thread).to_contain_text("COPY failed")
    take_picture(page, tmp_path, "failed.png")

    type_in(page, "/build storefront broken/crash")
    crashed = newest(page, "storefront does not serve")
    expect(crashed).to_contain_text("SESSION_KEY is not set")
    expect(crashed).to_contain_text("2 old still there")
    thread = opened_thread(page, crashed)
    expect(thread).to_contain_text("fatal: required environment variable SESSION_KEY is not set")
    take_picture(page, tmp_path, "crashed.png", os.environ.get("TESSERA_PICTURE", ""))

    press(crashed, "Roll back")
    expect(thread).to_contain_text("Roll deployment/storefront back to revision")
    proposal = thread.get_by_role("article").filter(has_text="Roll deployment/storefront back").last
    press(proposal, "Apply")
    agree(page, "Apply")
    expect(thread.get_by_role("article").last).to_contain_text("all pods ready")
    take_picture(page, tmp_path, "back.png")

    type_in(page, "/build storefront feature/login")
    expect(newest(page, "already: the same image")).to_be_visible()
    assert messages(page).count() > 3


def test_cancel_ends_the_work_of_the_engine(page: Page, running: Local, slow: str) -> None:
    """The button under a slow build: the engine's container is gone soon after, and nothing is rolled out."""
    type_in(page, "/build storefront slow")
    building = newest(page, "Building storefront")
    expect(building).to_contain_text("build running")
    wait_for(lambda: bool(containers(slow)))
    press(building, "Cancel")
    agree(page, "Cancel")
    cancelled = newest(page, "was cancelled")
    expect(cancelled).to_contain_text("the cluster runs what it ran before")
    expect(cancelled).to_contain_text("– build")
    wait_for(lambda: not containers(slow))

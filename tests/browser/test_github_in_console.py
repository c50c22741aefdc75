"""GitHub from the first login to a push that is built, in a real Chromium, on a real node with engine and registry.

GitHub is the strict stand-in: npm's has neither downloads nor deployments.
"""

import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pydantic import SecretStr

from bot import local, wiring
from bot.local import Local
from bot.secrets.keys import new_key
from bot.settings import Settings
from tests.browser.pages import newest, opened, opened_thread, type_in, unobjected
from tests.browser.test_builds_in_console import take_picture, wait_for
from tests.cluster.install import kubectl
from tests.cluster.test_build import APP, DOCKERFILE
from tests.cluster.workloads import leave_to_image, web
from tests.contract.code_hosts.github_app import Hub, github
from tests.fakes.code_host import FakeRepository
from tests.faults.verdicts import PROBE_IMAGE
from tests.parts import docker

pytestmark = [
    pytest.mark.browser, pytest.mark.cluster, pytest.mark.docker, pytest.mark.registry, pytest.mark.timeout(900),
    pytest.mark.xdist_group("builds"),
]  # fmt: skip
SOON = 90_000
"""Milliseconds for a small build with its roll-out."""
TOKEN, SECRET = "canary-token-of-github", "canary-secret-of-the-webhook"


@dataclass(frozen=True)
class Scene:
    """The bot on the node, the GitHub that it speaks to, and the image repository to push to."""

    bot: Local
    hub: Hub
    namespace: str
    image: str

    def push(self, text: str) -> str:
        """A commit on main, and the signed push event about it; the answer's status is asserted."""
        files = {"Dockerfile": DOCKERFILE, "app.py": APP.replace("{text}", text)}
        sha = self.hub.repositories["org/web"].push("main", files, f"Say {text}")
        repository = {"full_name": "org/web", "default_branch": "main", "pushed_at": int(time.time())}
        told = {"ref": "refs/heads/main", "after": sha, "repository": repository, "sender": {"login": "octocat"}}
        assert [self.send(told, SECRET), self.send(told, SECRET), self.send(told, "guess")] == [202, 409, 401]
        return sha

    def send(self, told: dict[str, Any], secret: str) -> int:
        body = json.dumps(told).encode()
        signature = f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
        headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": "d-1", "X-Hub-Signature-256": signature}
        url = f"http://127.0.0.1:{self.bot.service.http.port}/github/webhook"
        return httpx.post(url, content=body, headers=headers).status_code

    def ends(self) -> list[str]:
        """How each deployment ended, the oldest first."""
        made = self.hub.written.deployments
        return [one["statuses"][-1]["state"] for one in reversed(made) if one["statuses"]]

    def annotation(self, name: str) -> str:
        found = json.loads(kubectl("-n", self.namespace, "get", "deployment", "web", "-o", "json"))
        return str(found["metadata"]["annotations"].get(f"tessera.dev/{name}", ""))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    name, keys = f"test-{secrets.token_hex(4)}", tmp_path_factory.mktemp("keys") / "keys"
    keys.write_text(new_key())
    held = FakeRepository()
    held.push("main", {"Dockerfile": DOCKERFILE, "app.py": APP.replace("{text}", f"first {name}")}, "Serve a page")
    hub = Hub({"org/web": held}, token=TOKEN)
    image = f"{os.environ['TESSERA_REGISTRY'].replace('127.0.0.1', 'localhost')}/{name}"
    kubectl("create", "namespace", name)
    try:
        kubectl("-n", name, "apply", "-f", "-", text=web("web"))
        kubectl("-n", name, "rollout", "status", "deployment/web", "--timeout=180s")
        leave_to_image(name, "web")
        with github(hub) as url:
            settings = Settings(
                docker_host=f"unix://{docker()}",
                github_url=url,
                secret_keys_file=keys,
                github_webhook_secret=SecretStr(SECRET),
            )
            bot = local.start(wiring.live_clusters(), name, PROBE_IMAGE, own_identity=True, port=0, settings=settings)
            with unobjected(bot):
                yield Scene(bot, hub, name, image)
    finally:
        kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def page(browser: Browser, scene: Scene) -> Iterator[Page]:
    """Ana's page, in #shop."""
    page = opened(browser, scene.bot, "ana")
    yield page
    page.close()


def asked(page: Page, line: str, title: str) -> Locator:
    """The form that a command opens."""
    type_in(page, line)
    dialog = page.get_by_role("dialog", name=title)
    expect(dialog.get_by_role("textbox").first).to_be_visible()
    return dialog


def closed(page: Page, said: str) -> None:
    """The form's last page says this; close it."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(said)
    dialog.get_by_role("button", name="Close").last.click()
    expect(dialog).to_be_hidden()


def test_from_the_login_to_a_push_that_is_built(page: Page, scene: Scene, tmp_path: Path) -> None:
    form = asked(page, "/connect github", "Connect GitHub")
    form.get_by_label("Token, or the App").fill("canary-wrong")
    form.get_by_role("button", name="Try and keep").click()
    expect(page.get_by_role("dialog")).to_contain_text("does not accept the login")
    form.get_by_label("Token, or the App").fill(TOKEN)
    form.get_by_role("button", name="Try and keep").click()
    closed(page, "takes the login; it is kept, encrypted")

    form = asked(page, "/bind web", "Bind a workload")
    expect(form.get_by_label("Repository", exact=True)).to_have_value("org/web")
    form.get_by_label("Image repository").fill(scene.image)
    form.get_by_label("Dockerfile").fill("Dockerfil")
    form.get_by_role("button", name="Try and keep").click()
    expect(page.get_by_role("dialog")).to_contain_text("has no file Dockerfil")
    take_picture(page, tmp_path, "bind.png", os.environ.get("TESSERA_PICTURE", ""))
    form.get_by_label("Dockerfile").fill("Dockerfile")
    form.get_by_role("button", name="Try and keep").click()
    closed(page, "web is built from org/web now")

    type_in(page, "/build web")
    served = newest(page, "web runs")
    expect(served).to_contain_text("1 of 1 pod ready")
    expect(served).to_contain_text("in Slack a button does, too, until")
    wait_for(lambda: scene.ends() == ["success"])
    assert [one["state"] for one in scene.hub.written.statuses][-1] == "success"

    type_in(page, "/bind web --on-push")
    expect(newest(page, "is built on each push to the default branch of org/web")).to_be_visible()
    sha = scene.push(f"second {scene.namespace}")
    pushed = newest(page, "a push of octocat, for ana")
    expect(pushed).to_contain_text(f"web runs {sha[:7]}")
    wait_for(lambda: scene.ends() == ["success", "success"])
    assert scene.annotation("commit") == sha

    type_in(page, "/commit web")
    expect(newest(page, f"web runs {sha[:7]}")).to_contain_text("with all that is on")

    pushed.get_by_role("button", name="Roll back").click()
    thread = opened_thread(page, pushed)
    thread.get_by_role("button", name="Apply").click()
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    expect(thread).to_contain_text("runs what revision")
    assert scene.annotation("commit") != sha


def test_an_image_is_picked_from_the_tags_of_the_registry(page: Page, scene: Scene) -> None:
    type_in(page, "/image web")
    dialog = page.get_by_role("dialog", name="Set an image")
    pick = dialog.get_by_label("Tag")
    expect(pick).to_be_visible()
    tags = [tag for tag in pick.locator("option").all_inner_texts() if tag.startswith("main-")]
    assert len(tags) == 2
    pick.select_option(label=tags[0])
    dialog.get_by_role("button", name="Show the change").click()
    closed(page, "Set the image of deployment/web")
    proposed = newest(page, "Set the image of deployment/web")
    proposed.get_by_role("button", name="Apply").click()
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    expect(newest(page, f"web runs {scene.image}:{tags[0]}")).to_contain_text("all pods ready")

"""The demo's catalog on a real node, in a real Chromium: a Postgres requested, approved, used by a pod, released."""

import secrets
from collections.abc import Iterator

import pytest
import yaml
from playwright.sync_api import Browser, expect

from bot import local, wiring
from bot.console import people
from bot.demo import PROBE_IMAGE
from bot.local import Local
from bot.offers import SOURCE
from bot.settings import load
from tests.browser.pages import messages, newest, opened, opened_thread, type_in, unobjected
from tests.cluster.install import kubectl

pytestmark = [pytest.mark.browser, pytest.mark.cluster, pytest.mark.timeout(600)]
USE = """
apiVersion: v1
kind: Pod
metadata: {name: orders}
spec:
  restartPolicy: Never
  containers:
    - name: orders
      image: postgres:16
      envFrom: [{secretRef: {name: orders-db}}]
      command:
        - sh
        - -c
        - |
          for turn in $(seq 60); do
            psql "$uri/orders" -tAc "select 6 * 7" 2>/dev/null && exit 0
            sleep 1
          done
          exit 1
"""


@pytest.fixture(scope="module")
def team() -> Iterator[str]:
    """The offering team's namespace, with the demo's catalog in it."""
    name = f"platform-{secrets.token_hex(3)}"
    kubectl("create", "namespace", name)
    try:
        kubectl("create", "namespace", consumer(name))
        kubectl("-n", name, "apply", "-f", "-", text=catalog(name))
        yield name
    finally:
        for namespace in (name, consumer(name)):
            kubectl("delete", "namespace", namespace, "--wait=false", "--ignore-not-found")


def consumer(team: str) -> str:
    return team.replace("platform", "shop")


def catalog(team: str) -> str:
    """The demo's objects for these namespaces; Ana is of the owning team."""
    text = SOURCE.read_text(encoding="utf-8")
    for old, new in (
        ("namespace: platform", f"namespace: {team}"),
        ("whitelist: [shop]", f"whitelist: [{consumer(team)}]"),
        ("owners: {groups: [shop-leads]}", f"owners: {{users: [{people.ANA.id}]}}"),
    ):
        text = text.replace(old, new)
    found = [one for moment in yaml.safe_load(text)["timeline"] for one in moment["apply"]]
    return yaml.safe_dump_all(one for one in found if one["kind"] != "Namespace")


@pytest.fixture(scope="module")
def running(team: str) -> Iterator[Local]:
    settings = load().model_copy(update={"broker_namespace": team})
    running = local.start(
        wiring.live_clusters(), consumer(team), PROBE_IMAGE, own_identity=True, port=0, settings=settings
    )
    with unobjected(running):
        yield running


def test_a_pod_uses_what_was_requested_in_the_chat(browser: Browser, running: Local, team: str) -> None:
    shop = consumer(team)
    ben = opened(browser, running, "ben")
    type_in(ben, "/request platform/postgres")
    form = ben.get_by_role("dialog")
    form.get_by_role("textbox", name="Name").fill("orders-db")
    form.get_by_role("textbox", name="Database").fill("orders")
    form.get_by_role("button", name="Request").click()
    expect(form).to_contain_text("the answer comes in the channel")
    ana = opened(browser, running, "ana")
    newest(ana, "asks for platform/postgres").get_by_role("button", name="Approve").click()
    thread = opened_thread(ana, newest(ana, "asks for platform/postgres"))
    expect(thread).to_contain_text("the Secret orders-db says how to reach it")
    kubectl("-n", shop, "apply", "-f", "-", text=USE)
    kubectl("-n", shop, "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/orders", "--timeout=120s")
    assert kubectl("-n", shop, "logs", "orders").strip() == "42"
    type_in(ana, "/tessera release orders-db")
    newest(ana, "Release orders-db").get_by_role("button", name="Release").click()
    ana.get_by_role("dialog").get_by_role("button", name="Release").click()
    expect(messages(ana).filter(has_text="orders-db is released").last).to_be_visible()
    left = kubectl("-n", team, "get", "deployments,services,secrets", "-l", "tessera.dev/instance", "-o", "name")
    assert (left, kubectl("-n", shop, "get", "secrets", "-o", "name")) == ("", "")
    for page in (ana, ben):
        page.close()

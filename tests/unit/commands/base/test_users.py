"""A kind that is not diagnosed by itself: what uses the object is told instead."""

import pytest

from commands.base.errors import UsageError
from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from tests.unit.clusters import Json, deployment, services, thing

WEB_ONLY: Json = {"matchLabels": {"app": "web"}}


def objects() -> list[Json]:
    web, api, nightly = deployment("web"), deployment("api"), thing("CronJob", "nightly")
    web["spec"]["template"]["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": "settings"}}]
    job = {"spec": {"volumes": [{"name": "v", "secret": {"secretName": "login"}}]}}
    nightly["spec"] = {"jobTemplate": {"spec": {"template": job}}}
    policy = thing("NetworkPolicy", "closed", spec={"podSelector": WEB_ONLY})
    budget = thing("PodDisruptionBudget", "two", spec={"selector": WEB_ONLY})
    return [web, api, nightly, policy, budget, thing("ConfigMap", "settings"), thing("ConfigMap", "unused")]


def hint(word: str, **more: object) -> str:
    made = services(*objects(), **more)
    with pytest.raises(UsageError) as caught:
        diagnose(Request("diagnose", word, Actor("test"), namespace="shop"), made)
    return caught.value.hint


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("cm/settings", "ask about what uses it: `deployment/web`"),
        ("secret/login", "ask about what uses it: `cronjob/nightly`"),
        ("netpol/closed", "ask about what uses it: `deployment/web`"),
        ("pdb/two", "ask about what uses it: `deployment/web`"),
        ("cm/unused", "ask about a workload; in `shop` none uses it"),
    ],
)
def test_what_uses_it_is_told(word: str, told: str) -> None:
    assert hint(word) == told


@pytest.mark.parametrize("word", ["storageclass/fast", "netpol/absent", "widget/x"])
def test_else_the_kinds_that_are_known(word: str) -> None:
    assert hint(word).startswith("kinds that I know: `deployment`")


def test_where_not_all_workloads_may_be_seen_none_is_not_said() -> None:
    unread = [{"resource": "deployments.apps", "namespace": "shop", "status": 403, "problem": "forbidden"}]
    assert hint("cm/settings", unread=unread).startswith("kinds that I know")

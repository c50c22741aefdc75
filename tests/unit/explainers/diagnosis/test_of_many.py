"""Where a namespace or the cluster holds many of a kind: the other pods, volumes, keys of ConfigMaps."""

import pytest

from explainers.diagnosis.plans.variables import keepers
from explainers.diagnosis.rules.network import nobody_may_enter
from explainers.diagnosis.rules.services import selector_matches_nothing
from explainers.diagnosis.views.neighbours import FEW, neighbours, pods_of
from explainers.diagnosis.views.volumes import volumes_of
from explainers.kinds import Ref
from tests.unit.clusters import Json, deployment, pod, thing
from tests.unit.explainers.diagnosis.reading import SERVICE, Reading, service, well

ALIVE = "'--field-selector=status.phase!=Succeeded,status.phase!=Failed' -o name"
NOT_MADE = "pod -l '!pod-template-hash,!controller-revision-hash,!job-name' " + ALIVE


def orders(count: int) -> list[Json]:
    """A Deployment whose pods carry one label more than it selects them by."""
    made, labels = deployment("orders", count), {"app": "orders", "role": "client"}
    made["spec"]["template"]["metadata"]["labels"] = labels
    own = {**labels, "pod-template-hash": "cccccc"}
    return [made, *(pod(f"orders-cccccc-{number:05}", own) for number in range(count))]


def bare() -> Json:
    return pod("tool", {"run": "tool"})


def test_few_pods_are_listed_by_their_metadata() -> None:
    reading = Reading(*orders(FEW - 1), bare())
    found = reading.see(lambda case: neighbours(case))
    assert [one.ref.name for one in found] == [*(f"orders-cccccc-{number:05}" for number in range(FEW - 1)), "tool"]
    assert reading.lines == [f"pod {ALIVE}"]


def test_of_many_the_workloads_stand_for_theirs() -> None:
    reading = Reading(*orders(FEW), bare(), *service(name="web"), *service(name="orders"))
    found = reading.see(lambda case: neighbours(case))
    assert Ref("Deployment", "shop", "orders") in [one.ref for one in found]
    assert Ref("Pod", "shop", "tool") in [one.ref for one in found]
    assert NOT_MADE in reading.lines
    assert not any(line.endswith("-o yaml") and line.startswith("pod") for line in reading.lines)


def test_what_stands_for_pods_leads_to_them() -> None:
    reading = Reading(*orders(9), bare())
    found = reading.see(lambda case: pods_of(case, [one for one in neighbours(case) if one.labels != {"run": "tool"}]))
    assert {one.ref.type.name for one in found} == {"Pod"}
    assert len({one.ref for one in found}) == len(found) < 9
    assert all(one.labels["role"] == "client" for one in found)


def closed_but_for(selector: Json) -> tuple[str, list[str]]:
    """The sentence about a policy whose only peer nobody is, and the label that its plan asks for instead."""
    rule = {"from": [{"podSelector": selector}], "ports": [{"port": 8080, "protocol": "TCP"}]}
    spec = {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress"], "ingress": [rule]}
    around = well(1)
    around[2]["spec"]["ports"] = [{"port": 80, "targetPort": 8080}]
    reading = Reading(*around, *orders(9), thing("NetworkPolicy", "web-in", spec=spec))
    (found,) = reading.see(lambda case: [*nobody_may_enter(case)], SERVICE)
    return found.clause, [step.operation.line() for step in found.plan.steps]


@pytest.mark.parametrize(
    "selector",
    [
        {"matchLabels": {"role": "clients"}},
        {"matchExpressions": [{"key": "role", "operator": "In", "values": ["clients"]}]},
    ],
    ids=["a label", "an expression"],
)
def test_the_pod_that_a_policy_means_is_found_among_many_by_a_label_that_no_row_shows(selector: Json) -> None:
    said, steps = closed_but_for(selector)
    assert said.endswith("pod `orders-cccccc-00000` comes nearest")
    assert '"role":"client"' in steps[0]


def test_a_value_of_another_key_is_not_near() -> None:
    said, steps = closed_but_for({"matchLabels": {"app": "client"}})
    assert said.endswith("lets only pods `app=client` in to `web`, and none of these is here now")
    assert steps == []


def test_a_policy_for_pods_that_the_service_misses_selects_them_all_the_same() -> None:
    around = well(1)
    around[2]["spec"]["selector"] = {"app": "webb"}
    deny = thing("NetworkPolicy", "deny", spec={"podSelector": {}, "policyTypes": ["Ingress"]})
    target = Ref("Deployment", "shop", "web")
    (found,) = Reading(*around, deny).see(lambda case: [*nobody_may_enter(case)], target)
    line = found.plan.steps[0].operation.line()
    assert '"app": "web"' in line
    assert "webb" not in line


def test_a_pod_of_ones_own_is_meant_by_a_service_only_where_no_workload_is() -> None:
    lone = thing("Service", "tools", spec={"selector": {"run": "tools"}, "ports": [{"port": 80}]})
    reading = Reading(lone, bare(), *orders(9))
    (found,) = reading.see(lambda case: [*selector_matches_nothing(case)], Ref("Service", "shop", "tools"))
    assert "the pods of Pod `tool` carry `run=tool`" in found.clause
    assert NOT_MADE in reading.lines


# --- volumes and keys -----------------------------------------------------------------------------


def volume(name: str, storage_class: str, phase: str) -> Json:
    return thing("PersistentVolume", name, "", spec={"storageClassName": storage_class}, status={"phase": phase})


@pytest.mark.parametrize("others", [0, 40])
def test_of_many_volumes_the_free_ones_of_the_class_are_read(others: int) -> None:
    bound = [volume(f"bound-{number:02}", "disk" if number % 2 else "", "Bound") for number in range(others)]
    reading = Reading(*bound, volume("small", "disk", "Available"), volume("other", "", "Available"))
    found = reading.see(lambda case: volumes_of(case, "disk"))
    assert found is not None
    assert [one["metadata"]["name"] for one in found][:1] == ["small"]
    assert not any(line.endswith("get persistentvolume -o yaml") for line in reading.lines)
    assert len(found) <= 3


def config_map(name: str, *keys: str) -> Json:
    made = thing("ConfigMap", name)
    made["metadata"]["managedFields"] = [{"fieldsV1": {"f:data": {f"f:{key}": {} for key in keys}}}]
    return made


def test_a_key_is_looked_for_in_few_config_maps() -> None:
    few = [config_map("settings", "LOG_LEVEL"), config_map("web-config")]
    assert Reading(*well(1), *few).see(lambda case: keepers(case, "LOG_LEVEL")) == ["settings"]
    many = [config_map(f"n{number}", "OTHER") for number in range(40)]
    reading = Reading(*well(1), *many, config_map("web-config", "LOG_LEVEL"))
    assert reading.see(lambda case: keepers(case, "LOG_LEVEL")) == ["web-config"]
    assert [line for line in reading.lines if line.startswith("configmap ")] == [
        "configmap -o name", "configmap -o wide", "configmap web-config -o 'jsonpath={.metadata}'",
    ]  # fmt: skip

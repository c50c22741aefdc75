"""Evictions: history as long as the next pod stays, a fault when that one is evicted too."""

from copy import deepcopy

import pytest

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.facts import Facts, Missing
from explainers.diagnosis.rules import evictions, rejected
from explainers.diagnosis.views.given_up import SEEN
from explainers.diagnosis.views.read_pods import read_pods
from explainers.operations.base import Answer
from explainers.operations.reads import Get
from tests.unit.clusters import NOW, Json, deployment, pod, services
from tests.unit.explainers.diagnosis.reading import SERVICE, WEB, Reading, replica_set, service, web, web_pod

LIVING, DEAD = "'--field-selector=status.phase!=Failed'", "--field-selector=status.phase=Failed"
DISK = "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. "
NODE = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. "


def evicted(name: str, created: str, gone: str, said: str) -> Json:
    found = pod(name, {"app": "web"}, ready=False)
    found["metadata"]["creationTimestamp"] = f"2026-01-02T{created}Z"
    condition = {"type": "DisruptionTarget", "status": "True", "lastTransitionTime": f"2026-01-02T{gone}Z"}
    found["status"] = {"phase": "Failed", "reason": "Evicted", "message": said, "conditions": [condition]}
    return found


def asked(target: str, *objects: Json) -> Json:
    data = diagnose(Request("diagnose", target, Actor("test"), namespace="shop"), services(*objects)).data
    assert isinstance(data, dict)
    return data


def verdict(*gone: Json) -> Json:
    return asked("web", deployment("web"), pod("web-9", {"app": "web"}), *gone)


@pytest.mark.parametrize(("said", "number"), [(DISK, 76), (NODE, 122)])
def test_a_replacement_that_is_evicted_too_is_a_fault_while_the_next_one_is_ready(said: str, number: int) -> None:
    found = verdict(evicted("web-1", "11:58:00", "11:59:00", said), evicted("web-2", "11:59:01", "11:59:50", said))
    assert (found["verdict"], found["cause"]["class"]) == ("fault", number)
    assert "2 so far, the last after 49 s" in found["headline"]


def test_pods_that_were_evicted_together_are_history() -> None:
    gone = [evicted(f"web-{n}", "11:00:00", f"11:59:0{n}", NODE) for n in (1, 2)]
    assert verdict(*gone)["verdict"] == "healthy"


def test_a_replacement_that_outlasts_them_is_well() -> None:
    gone = [evicted("web-1", "11:53:00", "11:53:30", DISK), evicted("web-2", "11:53:31", "11:54:00", DISK)]
    assert verdict(*gone)["verdict"] == "healthy"


def pile(count: int, reason: str) -> list[Json]:
    """Pods of one ReplicaSet that were given up one after the other, a minute each, the last two minutes ago. Where
    containers had run, the row of each shows how they ended, not why."""
    gone = []
    for minute in range(count):
        made = web_pod(1, f"{minute:05}", ready=False)
        one = evicted("", f"11:{58 - count + minute}:00", f"11:{58 - count + minute}:50", DISK)
        one["metadata"] = {**made["metadata"], "creationTimestamp": one["metadata"]["creationTimestamp"]}
        one["status"]["reason"] = reason
        if reason == "Evicted":
            shown = {"waiting": {"reason": "ContainerCreating"}} if minute % 2 else {"terminated": {"reason": "Error"}}
            one["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 0, "state": shown}]
        gone.append(one)
    return gone


PILES = pytest.mark.parametrize(
    ("rule", "reason", "said"),
    [(evictions.RULES[0], "Evicted", "8 so far, the last after 50 s"), (rejected.RULES[0], "OutOfcpu", "8 so far")],
)


def next_ones(count: int) -> list[Json]:
    return [web_pod(1, f"next{number}", ready=False, born="2026-01-02T11:58:01Z") for number in range(count)]


@pytest.mark.parametrize("replicas", [1, 3])
@PILES
def test_of_a_pile_the_newest_is_read(rule: Rule, replicas: int, reason: str, said: str) -> None:
    reading = Reading(web(1, replicas, replicas, 0), *pile(8, reason), *next_ones(replicas))
    (found,) = reading.see(lambda case: [*rule(case)])
    assert said in found.clause
    dead = [line for line in reading.lines if line.startswith("pod ") and LIVING not in line and "next" not in line]
    rows = [f"pod -l app=web {DEAD} -o {output}" for output in ("name", "wide")]
    assert dead == [*rows, "pod web-bbbbbb-00007 -o yaml"]
    assert len(reading.see(lambda case: case.pods)) == replicas
    assert len(reading.see(lambda case: case.unready_pods)) == 1


@pytest.mark.parametrize(
    ("rule", "reason", "said"),
    [
        (evictions.RULES[0], "Evicted", "at least 8 so far, one after 50 s"),
        (rejected.RULES[0], "OutOfcpu", "at least 8 so far"),
    ],
)
def test_of_a_long_pile_a_few_rows_are_read_and_the_pod_that_lives_tells_that_it_goes_on(
    rule: Rule, reason: str, said: str
) -> None:
    """The first by name are here the oldest."""
    reading = Reading(web(1, 1, 1, 0), *pile(40, reason), *next_ones(1))
    (found,) = reading.see(lambda case: [*rule(case)])
    assert said in found.clause
    assert len(reading.see(lambda case: case.given_up)) == SEEN
    old = next_ones(1)
    old[0]["metadata"]["creationTimestamp"] = "2026-01-02T11:20:00Z"
    assert Reading(web(1, 1, 1, 0), *pile(40, reason), *old).see(lambda case: [*rule(case)]) == []


def test_of_a_long_pile_those_of_today_are_sought_where_the_first_are_of_an_earlier_revision() -> None:
    today = pile(3, "Evicted")
    for one in today:
        made = web_pod(2, one["metadata"]["name"][-5:], ready=False)
        one["metadata"] = {**made["metadata"], "creationTimestamp": one["metadata"]["creationTimestamp"]}
    alive = web_pod(2, "next1", ready=False, born="2026-01-02T11:58:01Z")
    reading = Reading(web(2, 1, 1, 0), *pile(20, "Evicted"), *today, alive, replica_set(1), replica_set(2, 1))
    (found,) = reading.see(lambda case: [*evictions.evicted(case)])
    assert "3 so far, the last after 50 s" in found.clause
    assert f"pod -l 'app=web,pod-template-hash in (cccccc)' {DEAD} -o wide" in reading.lines


@pytest.mark.parametrize(("apart", "found"), [(0, False), (60, True)])
def test_of_more_than_are_wanted_the_times_of_making_tell_whether_they_went_together(apart: int, found: bool) -> None:
    """As when a Deployment was scaled down since."""
    gone = pile(2, "Evicted")
    gone[0]["metadata"]["creationTimestamp"] = f"2026-01-02T11:5{7 - apart // 60}:00Z"
    reading = Reading(web(1, 1, 1, 0), *gone, *next_ones(1))
    assert bool(reading.see(lambda case: [*evictions.evicted(case)])) is found


def test_as_many_as_are_wanted_may_have_gone_together_so_the_oldest_is_read_too() -> None:
    reading = Reading(web(1, 2, 2, 0), *pile(2, "Evicted"), *next_ones(2))
    (found,) = reading.see(lambda case: [*evictions.evicted(case)])
    assert "2 so far" in found.clause
    assert {"pod web-bbbbbb-00000 -o yaml", "pod web-bbbbbb-00001 -o yaml"} <= set(reading.lines)


@pytest.mark.parametrize(
    ("born", "revision", "asked"),
    [
        ("2026-01-02T11:00:01Z", 1, []),
        ("2026-01-02T11:59:59Z", 0, ["name"]),
        ("2026-01-02T11:00:09Z", 1, ["name"]),  # long ago
        ("2026-01-02T11:40:00Z", 1, ["name"]),
        ("2026-01-02T11:58:00Z", 1, ["wide"]),
        ("2026-01-02T11:58:00Z", 2, ["name"]),
    ],
)
def test_those_that_were_given_up_are_looked_for_where_a_pod_may_have_been_made_instead(
    born: str, revision: int, asked: list[str]
) -> None:
    """With revision 0 the workload itself is as new."""
    made = web(revision or 1, 1, 1, 0)
    made["metadata"]["creationTimestamp"] = "2026-01-02T11:00:00Z" if revision else born
    reading = Reading(made, web_pod(revision or 1, "next1", ready=False, born=born))
    assert reading.see(lambda case: case.given_up) == []
    assert [line.rpartition(" ")[2] for line in reading.lines if DEAD in line] == asked


@pytest.mark.parametrize(
    ("revision", "wanted", "there", "early"),
    [(1, 1, 1, []), (2, 1, 1, ["name"]), (1, 0, 0, ["name"]), (1, 1, 0, ["wide"])],
)
def test_where_that_is_asked_in_any_case_it_is_asked_with_the_pods(
    revision: int, wanted: int, there: int, early: list[str]
) -> None:
    """Where none is left of those that are wanted, some were surely given up."""
    made = web(revision, there, there, 0)
    made["spec"]["replicas"] = wanted
    made["metadata"]["creationTimestamp"] = "2026-01-02T11:00:00Z"
    case = Case(Facts(NOW), WEB, sparing=True)
    case.facts.learn(Get(kinds.DEPLOYMENT, "shop", "web"), Answer(200, made))
    with pytest.raises(Missing):
        read_pods(case, {"matchLabels": {"app": "web"}})
    lines = [fact.line() for fact in case.facts.take_wanted()]
    assert [line.rpartition(" ")[2] for line in lines if DEAD in line] == early


@PILES
def test_so_it_is_in_a_rollout_and_behind_a_service(rule: Rule, reason: str, said: str) -> None:
    rolling = [web(2, 2, 1, 1), replica_set(1, 1, 1), replica_set(2, 1), web_pod(1, "old11")]
    gone = deepcopy(pile(8, reason))
    for one in gone:
        made = web_pod(2, one["metadata"]["name"][-5:], ready=False)
        one["metadata"] = {**made["metadata"], "creationTimestamp": one["metadata"]["creationTimestamp"]}
    newest = web_pod(2, "next1", ready=False, born="2026-01-02T11:58:01Z")
    for objects, target in (
        ([*rolling, *gone, newest], WEB),
        ([web(1, 1, 1, 0), *pile(8, reason), *next_ones(1), *service()], SERVICE),
    ):
        reading = Reading(*objects)
        (found,) = reading.see(lambda case: [*rule(case)], target)
        assert said in found.clause
        assert sum(line.startswith("pod ") for line in reading.lines) <= 7


def test_pods_that_ended_with_their_node_were_not_turned_down() -> None:
    """Their containers had run, which no row shows."""
    gone = pile(8, "Terminated")
    for one in gone:
        ended = {"terminated": {"reason": "Error", "exitCode": 143}}
        one["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 0, "state": ended}]
    reading = Reading(web(1, 1, 1, 0), *gone, *next_ones(1))
    assert [*reading.see(lambda case: [*rejected.turned_down(case)])] == []
    assert len(reading.see(lambda case: [*case.all_pods, *case.given_up])) == 9


def test_a_few_behind_a_service_are_read_as_they_are() -> None:
    reading = Reading(web(1, 1, 1, 0), *pile(2, "Evicted"), web_pod(1, "next1", ready=False), *service())
    assert all(one.whole for one in reading.see(lambda case: case.all_pods, SERVICE))
    assert [line for line in reading.lines if line.startswith("pod ")] == ["pod -l app=web -o yaml"]


@pytest.mark.parametrize("count", [2, 6])
def test_behind_a_service_they_are_found_too_while_the_next_one_is_ready(count: int) -> None:
    after = web_pod(1, "next0", born="2026-01-02T11:58:01Z")
    reading = Reading(web(1, 1, 1, 1), *pile(count, "Evicted"), after, *service("web-bbbbbb-next0"))
    (found,) = reading.see(lambda case: [*evictions.evicted(case)], SERVICE)
    assert f"{count} so far" in found.clause


def test_what_was_turned_down_with_another_template_is_history() -> None:
    gone = pile(6, "SysctlForbidden")
    after = web_pod(2, "next0", ready=False, born="2026-01-02T11:58:01Z")
    for objects, found in (([web(2, 1, 1, 0), after], 0), ([web(1, 1, 1, 0), *next_ones(1)], 1)):
        reading = Reading(*objects, *gone, replica_set(1), replica_set(2, 1))
        assert len(reading.see(lambda case: [*rejected.turned_down(case)])) == found


def test_how_the_containers_of_an_evicted_pod_ended_is_no_cause() -> None:
    only = evicted("web-1", "11:58:00", "11:59:00", DISK)
    ended = {"terminated": {"exitCode": 137, "reason": "Error"}}
    only["status"]["containerStatuses"] = [{"name": "app", "ready": False, "restartCount": 0, "state": ended}]
    data = asked("pod/web-1", only)
    assert (data["cause"]["class"], data["cause"]["object"]) == (76, "pod/web-1")
    assert data["consequences"] == []
    assert "it was evicted: Pod ephemeral local storage usage exceeds" in data["headline"]


@pytest.mark.parametrize(("ready", "verdict_"), [(1, "healthy"), (0, "fault")])
def test_an_evicted_pod_that_has_been_replaced_is_history(ready: int, verdict_: str) -> None:
    gone = evicted("web-1", "11:00:00", "11:59:00", DISK)
    gone["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "web", "controller": True}]
    found = asked("pod/web-1", deployment("web", ready=ready), pod("web-9", {"app": "web"}, ready=bool(ready)), gone)
    assert found["verdict"] == verdict_
    assert ("has been replaced since" in found["headline"]) is bool(ready)


VOLUME = 'Usage of EmptyDir volume "data" exceeds the limit "{}". '
OWN = 'Container app exceeded its local ephemeral storage limit "{}". '


def limited(limit: str) -> Json:
    made = deployment("web")
    spec = made["spec"]["template"]["spec"]
    spec["containers"][0] = {"name": "app", "image": "app:1", "resources": {"limits": {"ephemeral-storage": limit}}}
    spec["volumes"] = [{"name": "data", "emptyDir": {"sizeLimit": limit}}]
    return made


@pytest.mark.parametrize(
    ("limit", "says", "now"),
    [
        ("64", "; that is 64 bytes, and `64Mi` is probably meant", "64Mi"),
        ("500m", "; that is not even one byte, and `500Mi` is probably meant", "500Mi"),
        ("8Mi", "", "16Mi"),
    ],
)
@pytest.mark.parametrize("said", [VOLUME, OWN])
def test_a_limit_of_disk_without_its_unit_is_corrected(limit: str, says: str, now: str, said: str) -> None:
    told = said.format(limit)
    gone = evicted("web-1", "11:58:00", "11:59:00", told), evicted("web-2", "11:59:01", "11:59:50", told)
    data = asked("web", limited(limit), pod("web-9", {"app": "web"}), *gone)
    sentence = data["cause"]["sentence"]
    assert sentence.endswith(says) if says else "meant" not in sentence
    step = data["plan"][0]
    assert f'"{now}"' in step["kubectl"] or f"ephemeral-storage={now}" in step["kubectl"]
    assert ("twice" in step["why"]) == (not says)


KIB = 'Usage of EmptyDir volume "shared" exceeds the limit "16Ki". '


def test_one_that_was_just_evicted_for_its_own_limit_is_told_beside_healthy() -> None:
    found = verdict(evicted("web-1", "11:58:00", "11:59:30", KIB))
    assert found["verdict"] == "healthy"
    assert "one of its pods was evicted 30 s ago, 90 s after it was made" in found["headline"]
    assert "the pod that was made instead has the same limit" in found["headline"]


@pytest.mark.parametrize(("gone", "said"), [("11:50:00", KIB), ("11:59:30", NODE)])
def test_one_that_was_outlasted_or_evicted_for_its_node_is_history(gone: str, said: str) -> None:
    assert "evicted" not in verdict(evicted("web-1", "11:49:00", gone, said))["headline"]


def test_hardly_any_room_is_taken_for_a_slip() -> None:
    found = verdict(evicted("web-1", "11:58:00", "11:59:00", KIB), evicted("web-2", "11:59:01", "11:59:50", KIB))
    assert found["headline"].endswith('"16Ki"; that is hardly anything, and `16Mi` may be meant.')
    assert '"sizeLimit":"16Mi"' in found["plan"][0]["kubectl"]
    assert found["plan"][0]["expect"] == "the pods stay, if that is enough"


@pytest.mark.parametrize(("made", "told"), [("11:59:31", True), ("11:58:25", False)])
def test_after_a_change_of_the_template_it_is_too_early_until_the_new_pod_is_older(made: str, told: bool) -> None:
    one, gone = pod("web-9", {"app": "web"}), evicted("web-1", "11:57:31", "11:58:24", KIB)
    one["metadata"] |= {"creationTimestamp": f"2026-01-02T{made}Z", "labels": {"app": "web", "pod-template-hash": "b"}}
    gone["metadata"]["labels"] = {"app": "web", "pod-template-hash": "a"}
    found = asked("web", deployment("web"), one, gone)
    assert found["verdict"] == "healthy"
    assert ("it is too early to say that it stays" in found["headline"]) is told

"""The scheduler's words, in the wordings of several Kubernetes versions."""

import pytest

from explainers.diagnosis.rules.no_room import class_of
from explainers.diagnosis.views.pods import Pod
from explainers.diagnosis.views.unplaced import reasons, verdict_of

NEW = (
    "0/5 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector, 3 node(s) had"
    " untolerated taint(s). no new claims to deallocate, preemption: 0/5 nodes are available: 1 No preemption victims"
    " found for incoming pod, 4 Preemption is not helpful for scheduling."
)
OLDER = "0/2 nodes are available: 1 node(s) had untolerated taint {a: b}, 1 node(s) were unschedulable. preemption: 0/2"
OLD = "0/1 nodes are available: 1 Insufficient nvidia.com/gpu."


def test_the_reasons_are_taken_apart_and_preemption_left_out() -> None:
    assert reasons(NEW) == {
        "Insufficient cpu": 1,
        "node(s) didn't match Pod's node affinity/selector": 1,
        "node(s) had untolerated taint(s)": 3,
    }
    assert reasons(OLDER) == {"node(s) had untolerated taint {a: b}": 1, "node(s) were unschedulable": 1}
    assert reasons(OLD) == {"Insufficient nvidia.com/gpu": 1}


@pytest.mark.parametrize("message", ["", "something else", 'persistentvolumeclaim "x" not found'])
def test_other_words_give_no_reasons(message: str) -> None:
    assert reasons(message) == {}


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("Insufficient memory", 78),
        ("Insufficient ephemeral-storage", 78),
        ("Insufficient example.com/fpga", 79),
        ("node(s) didn't match pod anti-affinity rules", 82),
        ("node(s) didn't satisfy existing pods anti-affinity rules", 82),
        ("node(s) didn't match pod topology spread constraints (missing required label)", 83),
        ("node(s) didn't have free ports for the requested pod ports", 85),
        ("Too many pods", 86),
        ("node(s) were unschedulable", 0),
    ],
)
def test_the_class_of_a_reason(words: str, number: int) -> None:
    assert class_of(words) == number


def test_what_gives_way_to_no_pod_is_not_shown() -> None:
    condition = {"type": "PodScheduled", "message": NEW}
    assert verdict_of(Pod({"status": {"conditions": [condition]}})).endswith("3 node(s) had untolerated taint(s).")

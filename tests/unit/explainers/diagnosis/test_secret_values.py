"""What a workload's environment holds as a literal is used to judge, and not written out where it is a credential."""

import json
from pathlib import Path

import pytest

from bot import wiring
from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.plan import Step
from tests.faults.harness import HERE, load
from tests.faults.verdicts import CAPTURED_AS, captured

LOST = load(HERE / "052-variable-lost-in-rollout")
CANARY = "c4n4ry-s3cret"


@pytest.mark.parametrize(("name", "written"), [("DEFAULT_CURRENCY", True), ("GATEWAY_TOKEN", False)])
def test_a_former_value_is_written_out_unless_its_name_says_that_it_is_a_credential(
    name: str, written: bool, tmp_path: Path
) -> None:
    text = captured(LOST).read_text(encoding="utf-8").replace("DEFAULT_CURRENCY", name).replace('"EUR"', f'"{CANARY}"')
    capture = tmp_path / "capture.json"
    capture.write_text(text, encoding="utf-8")
    request = Request("diagnose", LOST.diagnose, Actor("test"), namespace=CAPTURED_AS)
    reply = diagnose(request, wiring.offline_services(capture))
    assert isinstance(cause := reply.data["cause"], dict)
    assert cause["class"] == LOST.number
    assert reply.document.plan.steps
    shown = json.dumps(reply.data) + "".join(map(_shown, reply.document.plan.steps))
    assert (CANARY in shown) is written


def _shown(step: Step) -> str:
    return f"{step.operation.line()} {step.told} {step.reversible}"

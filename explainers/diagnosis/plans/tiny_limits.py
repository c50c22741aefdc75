"""Plans for memory that was written in the wrong unit."""

from explainers.diagnosis.case import Case
from explainers.diagnosis.plans.remedies import back_step, first_of, read_spec
from explainers.diagnosis.views.misspelt import too_little
from explainers.diagnosis.views.pods import Container, dicts, text
from explainers.diagnosis.views.template import CHANGEABLE, steps_after
from explainers.kinds import Ref
from explainers.operations.base import Change
from explainers.operations.objects import in_container
from explainers.operations.patches import Patch
from explainers.operations.workloads import SetResources, workload
from explainers.plan import Plan, Step


def right_unit(case: Case, ref: Ref, container: Container, right: str) -> Plan:
    """Write the same number in MiB, the request too where that has the same slip; else go back, or look."""
    steps = _written(case, ref, container, right) if right and ref.kind in CHANGEABLE else ()
    return first_of(steps or back_step(case, ref), back_step(case, ref) if steps else (), read_spec(ref))


def _written(case: Case, ref: Ref, container: Container, right: str) -> tuple[Step, ...]:
    both = [one for key in ("initContainers", "containers") for one in dicts(case.template, "spec", key)]
    spec = next((one for one in both if one.get("name") == container.name), container.spec)
    limit, request = (text(spec, "resources", side, "memory") for side in ("limits", "requests"))
    memory = (("memory", right),)
    asked = memory if too_little(request) else ()
    change: Change = SetResources(
        ref.type, ref.namespace, ref.name, container.name, asked, memory,
        was_requests=(("memory", request),) if request else None, was_limits=(("memory", limit),) if limit else None,
        init=container.init,
    )  # fmt: skip
    if not workload(ref.type):  # kubectl's `set resources` is for workloads that run on
        sides = {"limits": dict(memory), **({"requests": dict(memory)} if asked else {})}
        change = Patch(
            ref.type,
            ref.namespace,
            ref.name,
            in_container(ref.type, container.name, {"resources": sides}, container.init),
        )
    why = f"give `{container.name}` {right}: memory is counted in bytes, and `Mi` makes them MiB"
    return steps_after(case, change, why, "the container starts")

"""A program that goes on and answers that it is not well, because its disk is full (classes 76 and 98).

That it does not pass its probe is what comes of it: rules/probes.py tells that.
"""

from collections.abc import Iterator
from dataclasses import replace

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.logs.lines import telling
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.rules.files import says_full, without_space
from explainers.diagnosis.views.endings import Ending, blame
from explainers.diagnosis.views.probe_specs import failed, probe_of
from explainers.document import Evidence


def no_space(case: Case) -> Iterator[Finding]:
    """76 or 98: a container that runs fails its readiness probe, and its log says that no space is left."""
    for pod in case.unready_pods[:1]:
        for container in (one for one in pod.main_containers if one.running_since and not one.ready):
            probe = probe_of(container, "readiness")
            if probe is None or failed(case, probe) is None:
                continue
            told = telling(case.log(container).text)
            if told is None or not says_full(told.english):
                continue
            seen = Evidence(f"log of {pod.name}/{container.name}", told.line)
            found = without_space(Ending(case, container, blame(case, pod), 1), told.line, (seen,))
            yield replace(found, layer=Layer.NEEDS, confidence=Confidence.LIKELY)


RULES: tuple[Rule, ...] = (no_space,)

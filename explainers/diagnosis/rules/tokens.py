"""Programs that look for the token of their service account, which is not mounted (class 109).

The API server mounts it into every container unless the pod or its service account says not to.
Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
"""

import re
from collections.abc import Iterator

from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.logs.lines import clean, lines_of
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.remedies import CHANGEABLE
from explainers.diagnosis.views.calls import log_name
from explainers.diagnosis.views.endings import in_trouble, last_log, source_of
from explainers.diagnosis.views.pods import Container, dicts, text
from explainers.diagnosis.views.template import steps_after, template_patch
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.patterns import pattern
from explainers.plan import Plan

FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
LATEST = 30
"""Lines at the end of a log that are looked at."""
_MISSED = pattern(
    rf"{FOLDER}/(?:token|ca\.crt|namespace)\b|in-?cluster config|service ?account token"
    r"|service token file does not exist|KUBERNETES_SERVICE_HOST",
    re.IGNORECASE,
)

_BESIDE = ("ca.crt", "namespace")
"""Files that are mounted together with the token."""


def token_not_mounted(case: Case) -> Iterator[Finding]:
    """109: the log says that the token is not there, and no volume of the container brings it."""
    pod = next(iter(case.unready_pods or [one for one in case.pods if one.phase == "Running"]), None)
    for container in (one for one in (pod.containers if pod else []) if one.ran and not _brought(one)):
        if container.init and not in_trouble(case, container):
            continue
        ended = bool(container.last_end) and in_trouble(case, container)
        log = last_log(case, container).text if ended else case.stamped_log(container).text
        line = next((clean(one) for one in reversed(lines_of(log)[-LATEST:]) if _MISSED.search(one)), "")
        if line:
            source = source_of(case, container, line) if ended else log_name(container)
            yield _finding(case, container, Evidence(source, line))
            return


def _brought(container: Container) -> bool:
    return any(text(one, "mountPath").rstrip("/") == FOLDER for one in dicts(container.spec, "volumeMounts"))


def _finding(case: Case, container: Container, said: Evidence) -> Finding:
    pod = container.pod
    account, refused = text(pod.spec, "serviceAccountName") or "default", pod.spec.get("automountServiceAccountToken")
    by = "its pods are" if refused is False else f"its service account `{account}` is"
    kind = "init container" if container.init else "container"
    sought = next((one for one in _BESIDE if f"{FOLDER}/{one}" in said.text), "")
    what = f"`{FOLDER}/{sought}`, which comes with the token" if sought else "the token"
    clause = (
        f"{kind} `{container.name}` looks for {what} of its service account, and {by} told not to get one "
        "(`automountServiceAccountToken: false`)"
    )
    seen = (said, Evidence(f"pod {pod.name}", f"nothing is mounted at {FOLDER}"))
    ref: Ref = case.workload_ref or pod.ref
    plan = Plan()
    if ref.kind in CHANGEABLE:
        change = template_patch(case, {"automountServiceAccountToken": True})
        why = "let the pods have the token; what the account may do stays as it is"
        plan = Plan(steps_after(case, change, why, "the program finds its token"))
    return Finding(109, ref, Layer.NEEDS, clause, seen, plan, Confidence.SURE)


RULES: tuple[Rule, ...] = (token_not_mounted,)

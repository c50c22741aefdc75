"""Pods that are made again, so that they read what has changed."""

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.template import steps_after
from explainers.operations.rollouts import Restart
from explainers.operations.workloads import workload
from explainers.plan import Step


def read_anew(case: Case, why: str, expect: str) -> tuple[Step, ...]:
    """New pods for the workload: sooner than the next try of a container in a crash loop, which comes after up to five
    minutes. No steps where pods are made in another way.

    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
    """
    ref = case.workload_ref
    if ref is None or not workload(ref.type):
        return ()
    return steps_after(case, Restart(ref.type, ref.namespace, ref.name, case.now), why, expect)

"""The Service that is to give the pods of a StatefulSet their names."""

from explainers.diagnosis.case import Case, names
from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.views.pods import Json, table, text
from explainers.diagnosis.views.ports import headless
from explainers.diagnosis.views.serving import selects


def meant_to_govern(case: Case, workload: Json) -> str:
    """The headless Service that selects the pods of a StatefulSet and has nearly the name that its `serviceName` says;
    empty where there is none."""
    if text(workload, "metadata", "namespace") != case.namespace:
        return ""
    labels = table(workload, "spec", "template", "metadata", "labels")
    own = [one for one in case.namespace_services if selects(one, labels) and headless(case.whole(one))]
    return nearest_one(text(workload, "spec", "serviceName"), names(own))

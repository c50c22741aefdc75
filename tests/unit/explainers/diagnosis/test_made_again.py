"""Jobs whose template cannot be changed, and those that do not try again: they are made again."""

from typing import Any

from explainers.diagnosis.near import nearest_one
from explainers.diagnosis.rules.jobs import failed
from explainers.diagnosis.views.merged import merged
from explainers.diagnosis.views.tls_files import other_ending
from explainers.kinds import Ref
from tests.unit.clusters import Json, pod, thing
from tests.unit.explainers.diagnosis.reading import Reading
from tests.unit.explainers.diagnosis.test_corrected_templates import (
    ABSENT,
    NO_SECRET,
    lines,
    pod_spec,
    stuck,
    verdict,
)
from tests.unit.explainers.diagnosis.test_runs_that_fail import OVER, ended, job

REFUSED = "could not connect to db:5432: Connection refused"


def import_(spec: Json, reason: str, message: str, **status: Any) -> list[Json]:
    labels = {"job-name": "import", "batch.kubernetes.io/job-name": "import", "app": "shop"}
    template = {"metadata": {"labels": labels}, "spec": {**spec, "dnsPolicy": "ClusterFirst"}}
    of = {"selector": {"matchLabels": {"run": "import"}}, "backoffLimit": 2, "suspend": False, "template": template}
    made = thing("Job", "import", spec=of, status={"active": 1, **status})
    made["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    return [made, stuck("import", spec, reason, message)]


def test_a_job_is_made_again_with_the_near_name() -> None:
    said = verdict("job/import", *import_(pod_spec("login"), "CreateContainerConfigError", NO_SECRET),
                   thing("Secret", "logins"))  # fmt: skip
    remove, make = lines(said)
    assert remove == "delete job import"
    assert '"name": "logins"' in make
    for given in ("job-name", "selector", "last-applied", "suspend", "ClusterFirst"):
        assert given not in make
    assert '"app": "shop"' in make
    assert said["plan"][0]["why"].startswith("read `logins`, if that is what was meant")


def test_an_empty_secret_is_never_all_that_a_job_gets() -> None:
    said = verdict("job/import", *import_(pod_spec("login"), "CreateContainerConfigError", NO_SECRET))
    assert lines(said) == ["create secret generic login --from-literal=KEY=CHANGE-ME"]


def test_an_image_is_corrected_in_a_job_that_is_made_again() -> None:
    said = verdict("job/import", *import_(pod_spec("login"), "ErrImagePull", ABSENT), thing("Secret", "login"))
    look, remove, make = lines(said)
    assert (look.split()[0], remove) == ("get", "delete job import")
    assert '"image": "app:CHANGE-ME"' in make


def test_a_manifest_with_a_credential_is_not_written_out() -> None:
    spec = pod_spec("login")
    spec["containers"][0]["env"] = [{"name": "API_TOKEN", "value": "s3cr3t-value"}]
    said = verdict("job/import", *import_(spec, "CreateContainerConfigError", NO_SECRET), thing("Secret", "logins"))
    assert lines(said) == ["get job import -o yaml", "delete job import"]
    assert "s3cr3t-value" not in str(said)


def test_one_of_which_a_part_is_done_is_not_deleted() -> None:
    objects = import_(pod_spec("login"), "CreateContainerConfigError", NO_SECRET, succeeded=2)
    assert "delete job import" not in lines(verdict("job/import", *objects, thing("Secret", "logins")))


def test_a_pod_of_nobody_is_told_the_near_name() -> None:
    one = stuck("tool", pod_spec("tool-cfg"), "CreateContainerConfigError", 'secret "tool-cfg" not found')
    del one["metadata"]["ownerReferences"]
    said = verdict("pod/tool-x", one, thing("Secret", "tool-conf"))
    assert "nearest: `tool-conf`" in said["headline"]
    assert not any(step["changes"] for step in said["plan"])
    assert "make it again" in said["plan"][0]["why"]


def test_after_its_database_is_mended_a_job_that_has_failed_is_made_again() -> None:
    database = thing("Service", "db", spec={"selector": {"app": "database"}, "ports": [{"port": 5432}],
                                            "clusterIP": "10.1.0.1"})  # fmt: skip
    server = thing("Deployment", "db", spec={
        "replicas": 1, "selector": {"matchLabels": {"app": "db"}},
        "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "db", "image": "pg:1"}]}},
    }, status={"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1, "observedGeneration": 1})  # fmt: skip
    over = job("load", "11:58:00", {"failed": 5, "conditions": OVER})
    data = verdict("job/load", over, ended("load"), database, server, pod("db-1", {"app": "db"}),
                   thing("ConfigMap", "settings", data={"mode": "x"}), logs={"shop/load-1/app": REFUSED})  # fmt: skip
    assert data["cause"]["class"] == 74
    *_, remove, make = lines(data)
    assert (remove, make.split()[0]) == ("delete job load", "create")


def test_where_what_it_could_not_reach_may_answer_by_now_it_is_made_again_as_it_is() -> None:
    over = job("load", "11:58:00", {"failed": 5, "conditions": OVER})
    (one,) = Reading(over, ended("load"), logs={"shop/load-1/app": REFUSED}).see(
        lambda case: [*failed(case)], Ref("Job", "shop", "load")
    )
    _, remove, _ = one.plan.steps
    assert "if `db:5432` can be reached now, make the Job again, unchanged" in remove.why
    assert "to correct" in one.plan.alternatives[0].why


def test_what_a_patch_makes_of_a_spec() -> None:
    spec = {"containers": [{"name": "a", "image": "x:1", "env": [{"name": "A", "value": "1"}]}, {"name": "b"}]}
    patch = {"containers": [{"name": "a", "env": [{"name": "B", "value": "2"}], "image": None}], "hostNetwork": True}
    assert merged(spec, patch) == {
        "containers": [
            {"name": "a", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"name": "b"},
        ],
        "hostNetwork": True,
    }


def test_the_same_certificate_by_another_ending() -> None:
    assert other_ending("ca.crt", ["ca.pem", "tls.crt"]) == "ca.pem"
    assert other_ending("ca.crt", ["tls.crt", "tls.key"]) == ""
    assert nearest_one("tool-cfg", ["tool-conf"]) == "tool-conf"


def test_a_complaint_long_before_the_end_is_not_why_it_ended() -> None:
    over = job("load", "11:58:00", {"failed": 5, "conditions": OVER})
    log = "\n".join([REFUSED, *(f"row {number} is done" for number in range(20)), "fatal: row 21 has no key"])
    (one,) = Reading(over, ended("load"), logs={"shop/load-1/app": log}).see(
        lambda case: [*failed(case)], Ref("Job", "shop", "load")
    )
    assert not one.plan.changes

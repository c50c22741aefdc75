"""Cases of what changes an object of any kind: patches, labels, whole manifests."""

from explainers.kinds import CONFIG_MAP, DEPLOYMENT, SECRET, Kind
from explainers.operations import apply, owned, patches
from explainers.operations.base import Json, Permission
from tests.contract.parity_cases.case import Case, Place
from tests.contract.parity_cases.objects import config_map, deployment, secret


def _applied(place: Place) -> Json:
    metadata = {"name": "applied", "namespace": place.namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"b": "it's 2"}}


def _uid(place: Place, kind: Kind, name: str) -> str:
    return str(place.read(kind, name)["metadata"].get("uid"))


def _credentials(name: str, **metadata: str) -> Json:
    marked = {"name": name, "labels": {"team": "shop"}, **metadata}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "example.com/db",
        "metadata": marked,
        "data": {"a": "aXQncw=="},
    }


def _replaced(place: Place) -> owned.ReplaceSecret:
    thing = place.read(SECRET, "replaced")
    guard = {key: str(thing["metadata"].get(key)) for key in ("uid", "resourceVersion")}
    return owned.ReplaceSecret(place.namespace, {**_credentials("replaced", **guard), "type": "Opaque"})


MANIFESTS: dict[str, Case] = {
    "patch": Case(
        lambda p: patches.Patch(
            DEPLOYMENT,
            p.namespace,
            "patch",
            {"spec": {"template": {"spec": {"containers": [{"name": "main", "workingDir": "/tmp"}]}}}},
            back={"spec": {"template": {"spec": {"containers": [{"name": "main", "workingDir": None}]}}}},
        ),
        (DEPLOYMENT, "patch"),
        before=(deployment("patch"),),
    ),
    "merge patch": Case(
        lambda p: patches.Patch(CONFIG_MAP, p.namespace, "patch-merge", {"data": {"a": None, "b": "it's"}}, "merge"),
        (CONFIG_MAP, "patch-merge"),
        before=(config_map("patch-merge"),),
    ),
    "JSON patch": Case(
        lambda p: patches.Patch(
            CONFIG_MAP,
            p.namespace,
            "patch-json",
            [{"op": "replace", "path": "/data/a", "value": "2"}],
            "json",
            back=[{"op": "replace", "path": "/data/a", "value": "1"}],
        ),
        (CONFIG_MAP, "patch-json"),
        before=(config_map("patch-json"),),
    ),
    "label": Case(
        lambda p: patches.Label(
            DEPLOYMENT,
            p.namespace,
            "label",
            (("app", "other"), ("new", "1")),
            ("old",),
            was=(("app", "label"), ("old", "yes")),
        ),
        (DEPLOYMENT, "label"),
        before=(deployment("label"),),
    ),
    "annotate": Case(
        lambda p: patches.Annotate(
            DEPLOYMENT, p.namespace, "annotate", (("why", "it's new"),), ("note",), was=(("note", "kept"),)
        ),
        (DEPLOYMENT, "annotate"),
        before=(deployment("annotate"),),
    ),
    "apply": Case(
        lambda p: apply.Apply(CONFIG_MAP, p.namespace, _applied(p), creates=True),
        (CONFIG_MAP, "applied"),
        also=(Permission("create", "configmaps"),),
    ),
    "apply over another manager": Case(
        lambda p: apply.Apply(
            CONFIG_MAP,
            p.namespace,
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "taken"}, "data": {"a": "2"}},
            force=True,
        ),
        (CONFIG_MAP, "taken"),
        before=(config_map("taken"),),
    ),
    "create": Case(lambda p: apply.Create(CONFIG_MAP, p.namespace, config_map("created")), (CONFIG_MAP, "created")),
    "delete exactly that one": Case(
        lambda p: owned.DeleteExactly(CONFIG_MAP, p.namespace, "exactly", _uid(p, CONFIG_MAP, "exactly")),
        (CONFIG_MAP, "exactly"),
        before=(config_map("exactly"),),
    ),
    "delete exactly that one with its dependents": Case(
        lambda p: owned.DeleteExactly(DEPLOYMENT, p.namespace, "wholly", _uid(p, DEPLOYMENT, "wholly"), True),
        (DEPLOYMENT, "wholly"),
        before=(deployment("wholly"),),
    ),
    "create a Secret with labels": Case(
        lambda p: owned.SecretFromFile(p.namespace, _credentials("labelled")), (SECRET, "labelled")
    ),
    "replace a Secret": Case(_replaced, (SECRET, "replaced"), before=(secret("replaced"),)),
}

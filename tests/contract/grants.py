"""Rights for one user for as long as a block runs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from commands.base.ports import Cluster
from explainers import kinds
from explainers.operations.apply import Create
from explainers.operations.base import Json, Permission
from explainers.operations.pods import Delete

GROUP = kinds.ROLE.group


@contextmanager
def granted(cluster: Cluster, user: str, permissions: Sequence[Permission], namespace: str) -> Iterator[None]:
    """Exactly these rights: in the namespace where they name one, else in the whole cluster."""
    inside = [_rule(one) for one in permissions if one.namespace]
    everywhere = [_rule(one) for one in permissions if not one.namespace]
    made = []
    for kind, bound, rules in (
        (kinds.ROLE, kinds.ROLE_BINDING, inside),
        (kinds.CLUSTER_ROLE, kinds.CLUSTER_ROLE_BINDING, everywhere),
    ):
        subjects = [{"apiGroup": GROUP, "kind": "User", "name": user}]
        role = {"apiGroup": GROUP, "kind": kind.name, "name": user}
        for what, fields in ((kind, {"rules": rules}), (bound, {"subjects": subjects, "roleRef": role})):
            body: Json = {"apiVersion": kind.api_version, "kind": what.name, "metadata": {"name": user}, **fields}
            if rules:
                assert cluster.run(Create(what, namespace, body)).ok
                made.append(what)
    try:
        yield
    finally:
        for what in made:
            cluster.run(Delete(what, namespace, user))


def _rule(permission: Permission) -> Json:
    resource, slash, subresource = permission.resource.partition("/")
    plural, _, group = resource.partition(".")
    rule: Json = {"apiGroups": [group], "resources": [plural + slash + subresource], "verbs": [permission.verb]}
    if permission.name:
        rule["resourceNames"] = [permission.name]
    return rule

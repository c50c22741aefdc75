"""Rights and their reviews, for every cluster: the sandbox and a real API server give the same answers."""

import secrets

from commands.base.request import Identity
from explainers import kinds
from explainers.kinds import POD
from explainers.operations.access import AccessReview, CreateRole, CreateRoleBinding, account_review, allowed
from explainers.operations.base import Permission
from explainers.operations.config import CreateServiceAccount
from explainers.operations.reads import List
from tests.contract.room import Room


def test_another_identity_has_its_own_rights(room: Room) -> None:
    user = f"contract-{secrets.token_hex(3)}"
    theirs = room.clusters.as_identity(Identity(user, ("dev",)))
    pods = List(POD, room.namespace)
    room.cluster.run(CreateRole(room.namespace, user, ("get",), ("configmaps",)))
    assert room.cluster.run(CreateRoleBinding(room.namespace, user, role=user, users=(user,))).ok
    answer = theirs.run(pods)
    assert answer.forbidden
    assert answer.problem == (
        f'pods is forbidden: User "{user}" cannot list resource "pods" in API group ""'
        f' in the namespace "{room.namespace}"'
    )
    assert room.cluster.run(CreateRole(room.namespace, f"{user}-2", ("list",), ("pods",))).ok
    assert room.cluster.run(CreateRoleBinding(room.namespace, f"{user}-2", role=f"{user}-2", groups=("dev",))).ok
    room.until(lambda: theirs.run(pods).ok)
    assert room.cluster.run(pods).ok


def test_rights_for_what_lies_in_no_namespace(room: Room) -> None:
    user = f"contract-{secrets.token_hex(3)}"
    theirs = room.clusters.as_identity(Identity(user, ("dev",)))
    made = (
        CreateRole("", user, ("get", "list"), ("ingressclasses.networking.k8s.io",)),
        CreateRoleBinding("", user, cluster_role=user, users=(user,)),
    )
    try:
        assert all(room.cluster.run(one).ok for one in made)
        room.until(lambda: theirs.run(List(kinds.INGRESS_CLASS, "")).ok)
        assert theirs.run(List(kinds.STORAGE_CLASS, "")).forbidden
    finally:
        taken_back = [room.cluster.run(back).ok for one in made if (back := one.inverse())]
    assert taken_back == [True, True]


def test_reviews_say_who_may(room: Room) -> None:
    read = Permission("get", "pods/log", room.namespace)
    assert allowed(room.cluster.run(AccessReview(read)).object) is True
    room.cluster.run(CreateServiceAccount(room.namespace, "robot"))
    assert allowed(room.cluster.run(account_review(read, room.namespace, "robot")).object) is False
    room.cluster.run(CreateRole(room.namespace, "logs", ("get",), ("pods/log",)))
    account = f"{room.namespace}:robot"
    assert room.cluster.run(CreateRoleBinding(room.namespace, "logs", role="logs", accounts=(account,))).ok
    review = account_review(read, room.namespace, "robot")
    room.until(lambda: allowed(room.cluster.run(review).object) is True)

"""Who may do what: access reviews, roles and bindings.

Source: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
"""

from dataclasses import dataclass

from explainers.kinds import CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING, Kind
from explainers.operations.base import Change, Json, Look, Permission, Request, kubectl
from explainers.operations.objects import create, manifest, mapping, python_create
from explainers.operations.pods import Delete

SELF_REVIEW = Kind("SelfSubjectAccessReview", "selfsubjectaccessreviews", "authorization.k8s.io", namespaced=False)
REVIEW = Kind("SubjectAccessReview", "subjectaccessreviews", "authorization.k8s.io", namespaced=False)
WHO_AM_I = Kind("SelfSubjectReview", "selfsubjectreviews", "authentication.k8s.io", namespaced=False)
_ACCOUNT = "system:serviceaccount:"


@dataclass(frozen=True)
class AccessReview(Look):
    """Ask the API whether a permission is granted: to oneself, or to `user` with `groups`.

    The answer's object has `status.allowed`. For a ServiceAccount see `account_review`.
    """

    asked: Permission
    user: str = ""
    groups: tuple[str, ...] = ()

    def request(self) -> Request:
        return Request("POST", self._kind.path(None), body=self._body())

    @property
    def _kind(self) -> Kind:
        return REVIEW if self.user else SELF_REVIEW

    def _body(self) -> Json:
        resource, _, subresource = self.asked.resource.partition("/")
        plural, _, group = resource.partition(".")
        attributes = {
            "namespace": self.asked.namespace,
            "verb": self.asked.verb,
            "group": group,
            "resource": plural,
            "subresource": subresource,
            "name": self.asked.name,
        }
        spec: Json = {"resourceAttributes": {key: value for key, value in attributes.items() if value}}
        if self.user:
            spec |= {"user": self.user, "groups": self._all_groups()}
        return {"apiVersion": "authorization.k8s.io/v1", "kind": self._kind.name, "spec": spec}

    def _all_groups(self) -> list[str]:
        """With those that the API gives to every user of that sort, as when one impersonates it."""
        groups = [*self.groups, "system:authenticated"]
        if self.user.startswith(_ACCOUNT):
            namespace = self.user.removeprefix(_ACCOUNT).partition(":")[0]
            groups += ["system:serviceaccounts", f"system:serviceaccounts:{namespace}"]
        return groups

    def kubectl(self) -> list[str]:
        resource, _, subresource = self.asked.resource.partition("/")
        thing = f"{resource}/{self.asked.name}" if self.asked.name else resource
        words = ["auth", "can-i", self.asked.verb, thing]
        words += [f"--subresource={subresource}"] if subresource else []
        words += [f"--as={self.user}"] if self.user else []
        words += [f"--as-group={group}" for group in self.groups]
        return kubectl(self.asked.namespace, *words)

    def python(self) -> str:
        return python_create(self._kind, "", self._body())

    def permission(self) -> Permission:
        return Permission("create", self._kind.resource)


def account_review(asked: Permission, namespace: str, account: str) -> AccessReview:
    """Ask whether a permission is granted to a ServiceAccount."""
    return AccessReview(asked, f"{_ACCOUNT}{namespace}:{account}")


def allowed(review: Json) -> bool | None:
    """What an access review's object says; None when it says nothing."""
    status = review.get("status")
    verdict = status.get("allowed") if isinstance(status, dict) else None
    return verdict if isinstance(verdict, bool) else None


@dataclass(frozen=True)
class WhoAmI(Look):
    """Ask the API who it takes the caller for; `username` reads the answer's object.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review
    """

    def request(self) -> Request:
        return Request("POST", WHO_AM_I.path(None), body=self._body())

    def _body(self) -> Json:
        return {"apiVersion": WHO_AM_I.api_version, "kind": WHO_AM_I.name}

    def kubectl(self) -> list[str]:
        return kubectl("", "auth", "whoami", "-o", "yaml")

    def python(self) -> str:
        return python_create(WHO_AM_I, "", self._body())

    def permission(self) -> Permission:
        """Everybody has it."""
        return Permission("create", WHO_AM_I.resource)


def username(review: Json) -> str:
    """The user that a SelfSubjectReview names; empty when it names none."""
    name = mapping(review, "status", "userInfo").get("username")
    return name if isinstance(name, str) else ""


@dataclass(frozen=True)
class CreateRole(Change):
    """Create a Role that allows the verbs on the resources, written `pods`, `pods/log` or `deployments.apps`; without
    a namespace a ClusterRole."""

    namespace: str
    name: str
    verbs: tuple[str, ...]
    resources: tuple[str, ...]

    @property
    def _kind(self) -> Kind:
        return ROLE if self.namespace else CLUSTER_ROLE

    def _manifest(self) -> Json:
        groups: dict[str, list[str]] = {}
        for word in self.resources:
            resource, slash, subresource = word.partition("/")
            plural, _, group = resource.partition(".")
            groups.setdefault(group, []).append(plural + slash + subresource)
        rules = [
            {"apiGroups": [group], "resources": resources, "verbs": list(self.verbs)}
            for group, resources in groups.items()
        ]
        return manifest(self._kind, self.namespace, self.name, rules=rules)

    def request(self) -> Request:
        return create(self._kind, self.namespace, self._manifest())

    def kubectl(self) -> list[str]:
        words = [f"--verb={','.join(self.verbs)}", f"--resource={','.join(self.resources)}"]
        return kubectl(self.namespace, "create", self._kind.singular, self.name, *words)

    def python(self) -> str:
        return python_create(self._kind, self.namespace, self._manifest())

    def permission(self) -> Permission:
        return Permission("create", self._kind.resource, self.namespace)

    def inverse(self) -> Change | None:
        return Delete(self._kind, self.namespace, self.name)


@dataclass(frozen=True)
class CreateRoleBinding(Change):
    """Grant a Role or a ClusterRole in one namespace, or without one a ClusterRole in all of them and for what lies in
    none; `accounts` are written `namespace:name`.

    The API refuses whoever does not have the granted rights, or `bind`.
    """

    namespace: str
    name: str
    role: str = ""
    cluster_role: str = ""
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()

    @property
    def _kind(self) -> Kind:
        return ROLE_BINDING if self.namespace else CLUSTER_ROLE_BINDING

    def _manifest(self) -> Json:
        group = ROLE.group
        kind, name = ("ClusterRole", self.cluster_role) if self.cluster_role else ("Role", self.role)
        subjects: list[Json] = [{"apiGroup": group, "kind": "User", "name": user} for user in self.users]
        subjects += [{"apiGroup": group, "kind": "Group", "name": name} for name in self.groups]
        for account in self.accounts:
            namespace, _, account_name = account.partition(":")
            subjects.append({"kind": "ServiceAccount", "name": account_name, "namespace": namespace})
        role = {"apiGroup": group, "kind": kind, "name": name}
        return manifest(self._kind, self.namespace, self.name, subjects=subjects, roleRef=role)

    def request(self) -> Request:
        return create(self._kind, self.namespace, self._manifest())

    def kubectl(self) -> list[str]:
        words = [f"--clusterrole={self.cluster_role}" if self.cluster_role else f"--role={self.role}"]
        words += [f"--user={user}" for user in self.users]
        words += [f"--group={group}" for group in self.groups]
        words += [f"--serviceaccount={account}" for account in self.accounts]
        return kubectl(self.namespace, "create", self._kind.singular, self.name, *words)

    def python(self) -> str:
        return python_create(self._kind, self.namespace, self._manifest())

    def permission(self) -> Permission:
        return Permission("create", self._kind.resource, self.namespace)

    def inverse(self) -> Change | None:
        return Delete(self._kind, self.namespace, self.name)

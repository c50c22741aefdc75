"""Cases of what is made around workloads: Services, configuration, rights."""

from explainers import kinds
from explainers.kinds import CONFIG_MAP
from explainers.operations import access, config, services
from explainers.operations.base import Operation, Permission
from tests.contract.parity_cases.case import Case, Place
from tests.contract.parity_cases.objects import deployment, service


def _expose(place: Place) -> Operation:
    return services.expose(kinds.DEPLOYMENT, place.read(kinds.DEPLOYMENT, "expose"), "exposed", 80, "8080")


MADE: dict[str, Case] = {
    "expose": Case(_expose, (kinds.SERVICE, "exposed"), before=(deployment("expose"),)),
    "set selector": Case(
        lambda p: services.SetSelector(
            p.namespace, "selector", (("tier", "web"), ("x", "y")), was=(("app", "selector"),)
        ),
        (kinds.SERVICE, "selector"),
        before=(service("selector"),),
    ),
    "create a ConfigMap": Case(
        lambda p: config.CreateConfigMap(p.namespace, "made", (("a", "it's 1"), ("b.txt", "x=y"))), (CONFIG_MAP, "made")
    ),
    "create a Secret": Case(
        lambda p: config.CreateSecret(p.namespace, "made", (("PASSWORD", "it's \\secret=$x"), ("USER", "u"))),
        (kinds.SECRET, "made"),
    ),
    "create a Secret to fill in": Case(
        lambda p: config.CreateSecret(p.namespace, "blank", literals=(("password", "CHANGE-ME"),)),
        (kinds.SECRET, "blank"),
    ),
    "create a Secret from files": Case(
        lambda p: config.CreateSecret(
            p.namespace, "made-files", ((".dockerconfigjson", '{"auths":\n{}}'),), "kubernetes.io/dockerconfigjson"
        ),
        (kinds.SECRET, "made-files"),
    ),
    "create a ServiceAccount": Case(
        lambda p: config.CreateServiceAccount(p.namespace, "made"), (kinds.SERVICE_ACCOUNT, "made")
    ),
    "create a Role": Case(
        lambda p: access.CreateRole(
            p.namespace, "made", ("get", "list"), ("pods", "pods/log", "deployments.apps", "replicasets.apps")
        ),
        (kinds.ROLE, "made"),
        also=(
            Permission("get", "pods"),
            Permission("get", "pods/log"),
            Permission("get", "deployments.apps"),
            Permission("list", "pods"),
            Permission("list", "pods/log"),
            Permission("list", "deployments.apps"),
            Permission("get", "replicasets.apps"),
            Permission("list", "replicasets.apps"),
        ),
    ),
    "create a RoleBinding": Case(
        lambda p: access.CreateRoleBinding(
            p.namespace,
            "made",
            cluster_role="parity-none",
            users=("alice", "bob"),
            groups=("dev",),
            accounts=(f"{p.namespace}:default",),
        ),
        (kinds.ROLE_BINDING, "made"),
        also=(Permission("bind", "clusterroles.rbac.authorization.k8s.io"),),
    ),
}

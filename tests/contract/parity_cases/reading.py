"""Cases of the operations that read."""

from explainers import kinds
from explainers.kinds import CONFIG_MAP, DEPLOYMENT
from explainers.operations import access, execs, reads, rollouts
from explainers.operations.base import Permission
from tests.contract.parity_cases.case import Case
from tests.contract.parity_cases.objects import an_event, config_map, deployment, pod, secret

READING: dict[str, Case] = {
    "get": Case(lambda p: reads.Get(CONFIG_MAP, p.namespace, "get"), returns="object", before=(config_map("get"),)),
    "get a node": Case(lambda p: reads.Get(kinds.NODE, "", p.node), returns="object", node={}),
    "get metadata": Case(
        lambda p: reads.GetMetadata(kinds.SECRET, p.namespace, "meta"), returns="metadata", before=(secret("meta"),)
    ),
    "list": Case(
        lambda p: reads.List(CONFIG_MAP, p.namespace, labels="app in (list,none)", fields="metadata.name!=x"),
        returns="items",
        before=(config_map("list"),),
    ),
    "list names": Case(
        lambda p: reads.List(kinds.SECRET, p.namespace, fields="metadata.name=names", metadata_only=True),
        returns="names",
        before=(secret("names"),),
    ),
    "rows": Case(
        lambda p: reads.Rows(kinds.POD, p.namespace, labels="app=rows", fields="status.phase!=Failed"),
        returns="rows",
        before=(pod("rows"),),
        ready="rows",
    ),
    "list everywhere": Case(lambda _: reads.List(CONFIG_MAP, "", fields="metadata.name=coredns"), returns="items"),
    "events": Case(
        lambda p: reads.events_of("Deployment", p.namespace, "told"), returns="items", before=(an_event("told"),)
    ),
    "watch": Case(
        lambda p: reads.Watch(CONFIG_MAP, p.namespace, 2, labels="app=watch"),
        returns="events",
        before=(config_map("watch"),),
    ),
    "logs": Case(
        lambda p: reads.Logs(p.namespace, "logs", "main", tail=2, since_seconds=600, timestamps=True),
        returns="text",
        before=(pod("logs", "sh", "-c", "echo one; echo two; echo three; sleep 3600"),),
        ready="logs",
    ),
    "exec": Case(
        lambda p: execs.Exec(p.namespace, "exec", ("sh", "-c", "echo 'a b'; exit 3"), "main"),
        returns="stdout",
        before=(pod("exec"),),
        ready="exec",
    ),
    "rollout status": Case(
        lambda p: rollouts.RolloutStatus(DEPLOYMENT, p.namespace, "status"),
        returns="rolled out",
        before=(deployment("status"),),
    ),
    "review": Case(
        lambda p: access.AccessReview(Permission("get", "pods/log", p.namespace, "web")),
        returns="allowed",
        open_to_all=True,
    ),
    "who am I": Case(lambda _: access.WhoAmI(), returns="object", open_to_all=True),
    "review of a user": Case(
        lambda p: access.AccessReview(Permission("list", "deployments.apps", p.namespace), "alice", ("dev", "ops")),
        returns="allowed",
    ),
    "review of a ServiceAccount": Case(
        lambda p: access.account_review(
            Permission("patch", "deployments.apps/scale", p.namespace), p.namespace, "default"
        ),
        returns="allowed",
    ),
}

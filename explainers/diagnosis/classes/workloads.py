"""Fault classes: workloads and nodes. Numbers follow the table of fault classes."""

from explainers.diagnosis.classes.base import FaultClass

CLASSES = (
    FaultClass(
        111,
        "Rollout paused",
        "A paused Deployment accepts changes of its template and does nothing about them until it is resumed. "
        "Nothing tells so but its spec.",
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment",
    ),
    FaultClass(
        112,
        "Rollout stuck",
        "A rolling update replaces old pods only as new ones become ready. When they do not, it stops half way: "
        "the old revision goes on serving and the change is not out.",
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment",
    ),
    FaultClass(
        113,
        "Ordered StatefulSet stalls",
        "A StatefulSet makes and replaces its pods one after another, and waits for each to be ready. One that "
        "never becomes ready blocks all that follow, and even its own repair: it has to be deleted by hand.",
        "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback",
    ),
    FaultClass(
        114,
        "Autoscaler without a target",
        "A HorizontalPodAutoscaler names what it scales by kind and name. When nothing has that name, it scales "
        "nothing, and the workload keeps the replicas that it has.",
        "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
    ),
    FaultClass(
        115,
        "Autoscaler without metrics",
        "Utilisation is a share of what a container requests. Without a request there is nothing to take a share "
        "of, and without a metrics API there is nothing to read. Of several metrics the largest answer counts; while "
        "one cannot be read, nothing is scaled down.",
        "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#support-for-resource-metrics",
    ),
    FaultClass(
        116,
        "Autoscaler at its maximum",
        "The load asks for more replicas than `maxReplicas` allows. What runs is overloaded, although nothing is "
        "broken.",
        "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
    ),
    FaultClass(
        117,
        "Disruption budget blocks a drain",
        "A PodDisruptionBudget says how many pods of an application must stay up. While none may be missing, a "
        "drain of a node waits.",
        "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
    ),
    FaultClass(
        118,
        "Job failed",
        "A Job starts pods until one succeeds, `backoffLimit` failures are reached or `activeDeadlineSeconds` "
        "have passed; then it has failed for good. Its template cannot be changed: a corrected Job is made "
        "anew.",
        "https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy",
    ),
    FaultClass(
        119,
        "Job cannot create pods",
        "A Job's pods pass the same admission as all others: quotas, limit ranges, pod security, the service "
        "account. While they are refused, the Job stays active and tries again and again, and only its events "
        "tell.",
        "https://kubernetes.io/docs/concepts/workloads/controllers/job/",
    ),
    FaultClass(
        120,
        "CronJob suspended/missed",
        "A CronJob makes a Job whenever its schedule is due, unless it is suspended, a run is still going and "
        "`concurrencyPolicy` is Forbid, or the moment has passed by more than `startingDeadlineSeconds`.",
        "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/",
    ),
    FaultClass(
        121,
        "Node NotReady",
        "A node whose kubelet no longer reports is marked NotReady; after about five minutes its pods are deleted and "
        "made anew on other nodes, except those of a StatefulSet, which wait until the node is known to be gone.",
        "https://kubernetes.io/docs/concepts/architecture/nodes/#node-status",
    ),
    FaultClass(
        122,
        "Pressure/eviction",
        "A node that runs short of memory, disk or process ids evicts pods, those first that use more than they "
        "requested. An evicted pod never runs again; its controller makes another one.",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/",
    ),
    FaultClass(
        123,
        "APIService down",
        "Some parts of the Kubernetes API are served by programs in the cluster, such as metrics-server. While one "
        "is down, everything that asks it fails, and namespaces cannot be deleted.",
        "https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/",
    ),
    FaultClass(
        124,
        "Namespace terminating",
        "A namespace goes only when all that is in it is gone. Objects with finalizers wait for a controller that "
        "clears them; meanwhile nothing new may be made there.",
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
    ),
    FaultClass(
        125,
        "Healthy",
        "",
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/",
    ),
)

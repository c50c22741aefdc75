"""What is said of cases that the words of their class would miss."""

from explainers.diagnosis.classes.base import About

NO_PROFILE = About(
    "A seccomp or AppArmor profile of type `Localhost` is a file or a loaded profile of the node. The kubelet looks "
    "for it there and nowhere else, so it must be put on every node that the pods may use before they start.",
    "https://kubernetes.io/docs/tutorials/security/seccomp/",
)
NOT_CREATED = About(
    "The kubelet asks the container runtime of its node to make the container, and the runtime refuses with the words "
    "above. Nothing of the program has run yet, so it has no exit code and no log; the kubelet tries again and again.",
    "https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/",
)
CAPABILITIES = About(
    "Root in a container may do only what its capabilities say: change the owner of files (CHOWN), become another user "
    "or group (SETUID, SETGID). A container has these by default; `drop: [ALL]` takes them all, and a server that "
    "starts as root to become another user then cannot. `fsGroup` does not help: it is for volumes, not for the image.",
    "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-capabilities-for-a-container",
)
SILENT = About(
    "A container lives as long as its main process. One that ends with an error and writes neither to its output nor "
    "to its termination message leaves only an exit code, whose meaning is the program's own: its command and what "
    "that calls are all there is to look at.",
    "https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/",
)
NO_HTTP = About(
    "An HTTP probe, or a command such as `curl`, passes only where a web server answers. Databases and caches speak a "
    "protocol of their own and close such a connection. For them a probe that only connects (`tcpSocket`) or a command "
    "of their own, such as `redis-cli ping`, tells whether they work.",
    "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#define-a-tcp-liveness-probe",
)
ANSWERS_LATE = About(
    "A pod is ready while its probe passes, and that may be a cheap path that answers at once while the others wait: "
    "for a lock, a database, a slow calculation, or for one of too few threads. The caller gives up after its own "
    "timeout. A connection that nobody takes would be refused at once, and one that a firewall drops times out, too.",
    "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
)
PERCENT = About(
    "In a URL `@` ends the login, and `/`, `?` and `#` end the part that names the host. A password with one of these "
    "must be written percent-encoded; else the parser of each language cuts it in another place, and what is left of "
    "the password is looked up as a host, or tried as a port.",
    "https://www.rfc-editor.org/rfc/rfc3986#section-2.1",
)
OTHER_SERVER = About(
    "The scheme of an address tells a program which library to use. The server behind it must speak the same protocol: "
    "another one takes the connection and does not understand what it is told, and the caller waits in vain.",
    "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
)
PROXY = About(
    "Most HTTP clients read HTTP_PROXY, HTTPS_PROXY and ALL_PROXY and send every call to that host, which makes the "
    "connection for them; only what NO_PROXY lists is called directly. A proxy outside knows no Service in here.",
    "https://docs.python.org/3/library/urllib.request.html#urllib.request.getproxies",
)
SPEAKS_NO_TLS = About(
    "`https://` begins with a TLS handshake, whatever the port. A server that speaks plain HTTP answers it with text, "
    "and the client says so in the words of its library: wrong version number, HTTP response to HTTPS client. The port "
    "number 443 or 8443 makes no TLS.",
    "https://kubernetes.io/docs/concepts/services-networking/connect-applications-service/#securing-the-service",
)
INSISTS_ON_TLS = About(
    "A client of a database asks its server first whether it speaks TLS. With `require` and the modes above it gives "
    "up where the answer is no; with `prefer` it goes on without. An image of a database speaks TLS only once it is "
    "given a certificate and told so.",
    "https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION",
)
SPEAKS_TLS = About(
    "A port of TLS takes a connection like any other, and answers a request in plain HTTP with 400. The number of the "
    "service port makes no difference: what the pods speak behind it decides, and port 80 may lead to 8443.",
    "https://kubernetes.io/docs/concepts/services-networking/connect-applications-service/#securing-the-service",
)
CONNECTION_LIMIT = About(
    "A server takes so many clients at once and no more; the next one is turned down until another goes. Callers that "
    "keep connections open hold them also while idle: each replica of each caller counts, with the whole of its pool.",
    "https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-MAX-CONNECTIONS",
)
TWO_AUTOSCALERS = About(
    "Each autoscaler would set another number of replicas for the same pods, so Kubernetes lets none of them act. One "
    "autoscaler may have several metrics: it follows the one that asks for most.",
    "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#scaling-on-multiple-metrics",
)
INDEXED = About(
    "Each index of an Indexed Job is tried for itself, `backoffLimitPerIndex` times; one that has failed fails the Job "
    "once the others are through. Its template cannot be changed: a corrected Job is made anew, and runs every index "
    "unless the program skips what is done.",
    "https://kubernetes.io/docs/concepts/workloads/controllers/job/#backoff-limit-per-index",
)
NAMED_WHEN_READY = About(
    "A headless Service publishes the name of a pod once that pod is ready. Members of a cluster that look each other "
    "up before they are ready find no name then. With `publishNotReadyAddresses: true` the names resolve as soon as "
    "the pods have addresses.",
    "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id",
)
PORT_NAMES = About(
    "The kubelet looks for the name of a probe's port among the ports of that very container. Where it finds none, it "
    "asks nobody: a liveness probe then counts neither as passed nor as failed, and restarts nothing.",
    "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port",
)
WRITTEN_OUTSIDE = About(
    "A Service without a selector may lead to a machine outside the cluster: its address is written by hand into an "
    "EndpointSlice, and nothing checks it. When the machine is off, has moved, or lets no connection from the cluster "
    "in, every caller waits in vain.",
    "https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors",
)
SUSPENDED_JOB = About(
    "While `spec.suspend` of a Job is true, no pods are made for it, and those that run are ended; it goes on when "
    "that is set to false. Queues such as Kueue hold Jobs back so until there is room.",
    "https://kubernetes.io/docs/concepts/workloads/controllers/job/#suspending-a-job",
)
NONE_AT_A_TIME = About(
    "`spec.parallelism` says how many pods of a Job may run at the same time. With 0 it makes none, as if it were "
    "suspended, and goes on when that is raised.",
    "https://kubernetes.io/docs/concepts/workloads/controllers/job/#controlling-parallelism",
)
MANAGED_BY = About(
    "A Job with `spec.managedBy` is left alone by Kubernetes: the controller that the field names makes its pods. "
    "While none of that name runs in the cluster, nothing happens to the Job. The field cannot be changed.",
    "https://kubernetes.io/docs/concepts/workloads/controllers/job/#delegation-of-managing-a-job-object-to-external-controller",
)
PILING_UP = About(
    "With `concurrencyPolicy: Allow`, the default, each time of the schedule starts a run, however many go on. Runs "
    "that never end pile up until nothing more fits on the nodes or the namespace's quota. `Forbid` lets only one go "
    "on, and `activeDeadlineSeconds` ends those that hang.",
    "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy",
)
TINY_LIMIT = About(
    "Memory is counted in bytes: `128Mi` is 128 times 1024 times 1024 of them, and `128m` a thousandth of 128 bytes, "
    "since `m` stands for a thousandth. No container can begin with a limit that small.",
    "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory",
)
CLASSES_OF_PODS = {
    "RuntimeClass": About(
        "A RuntimeClass names a way to run containers that the nodes must be set up for, such as gVisor. A pod that "
        "asks for one that does not exist is refused.",
        "https://kubernetes.io/docs/concepts/containers/runtime-class/",
    ),
    "PriorityClass": About(
        "A PriorityClass says how important a pod is, and counts for the whole cluster. A pod that asks for one that "
        "does not exist is refused.",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#priorityclass",
    ),
}
ON_DELETE = About(
    "With the update strategy `OnDelete` a controller replaces no pod by itself: each takes the new template once it "
    "is deleted by hand.",
    "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies",
)
PARTITION = About(
    "With a partition a StatefulSet replaces only the pods whose number is at least that; the others keep the template "
    "that they have, also when they are made anew.",
    "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#partitions",
)
NAMED_VOLUME = About(
    "A claim with a `volumeName` is bound to the volume of that name and to no other: no storage class makes one for "
    "it, and it waits until that volume exists, fits and is free.",
    "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reserving-a-persistentvolume",
)
NO_TABLE = About(
    "The tables of a database are made by a migration, often a Job beside the program. Until it has succeeded, the "
    "program finds its database and no tables in it. A Job that has failed for good is not tried again: it has to be "
    "made anew.",
    "https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy",
)
LIBRARIES = About(
    "Before a program begins, its loader looks for the shared libraries that it was built with, in the folders of the "
    "image, and ends it where one is missing or older. They have to be installed in the image, or the program be built "
    "on the same base as the one it runs on: one for glibc (Debian) does not run on musl (Alpine).",
    "https://man7.org/linux/man-pages/man8/ld.so.8.html",
)
LONG_VARIABLE = About(
    "The kernel takes at most 128 KiB for one variable or argument, and about 2 MiB for all. With `envFrom` every key "
    "of a ConfigMap or Secret becomes a variable, also one that holds a whole file; such a key is for a volume.",
    "https://man7.org/linux/man-pages/man2/execve.2.html",
)
CARRIAGE_RETURNS = About(
    "Windows ends a line with a carriage return and a line feed, and a shell only with the line feed: what is before "
    "it stays at the end of the last word, so that an option, a path or a command is another one. An editor or git "
    "(`core.autocrlf`) writes such lines.",
    "https://kubernetes.io/docs/concepts/configuration/configmap/#using-configmaps-as-files-from-a-pod",
)
ONE_AT_A_TIME = About(
    "A database locks its data folder, for it is lost where two servers write it. A ReadWriteOnce volume does not keep "
    "a second pod of the same node away, and a rolling update starts the new pod before the old one has ended. With "
    "the strategy `Recreate` a Deployment ends the old pod first; a StatefulSet gives each pod a volume of its own.",
    "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment",
)
PROTECTED_MODE = About(
    "A Redis that has no password and was not told on which addresses to listen answers only clients of its own host, "
    "which in a cluster are those of its pod. A password, or `--protected-mode no` where whoever reaches it may use "
    "it, opens it to others. What it keeps only in memory is lost when it starts anew.",
    "https://redis.io/docs/latest/operate/oss_and_stack/management/security/#protected-mode",
)
NO_SHELL = About(
    "The command of a probe or hook is run as it is: its first word is the program, each other word an argument. No "
    "shell takes it apart, and nothing puts in `$NAME` or `$(NAME)`. What needs a shell has to start one: "
    '`[sh, -c, "…"]`.',
    "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#define-a-liveness-command",
)
OWN_POD = About(
    "The containers of a pod share one network. 127.0.0.1 and `localhost` are this pod itself, whatever Services there "
    "are: a port of it answers only where a program in one of its own containers listens there.",
    "https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking",
)
HEARTBEAT = About(
    "A liveness probe may look for a sign of life, such as a file that the program touches while it works. Where the "
    "program cannot reach what it needs, that sign stays away, and the kubelet starts it again and again. A new start "
    "does not bring back what is missing, and without the probe the program would only fail in silence.",
    "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#define-a-liveness-command",
)
HOOK_STOPS = About(
    "A postStart hook runs inside the container right after its start, at the same time as the main process. What it "
    "tells to stop there is the program itself, so the container ends and is started again. What ends a program in "
    "good order belongs into the preStop hook.",
    "https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/",
)
NOT_IN_VOLUME = About(
    "A volume stands over what the image has at its path, and holds only what was put into it: the keys of a ConfigMap "
    "or Secret, or what a program has written. A new claim and an emptyDir begin empty, so a file that is needed there "
    "has to be written first, by an init container for example.",
    "https://kubernetes.io/docs/concepts/storage/volumes/",
)

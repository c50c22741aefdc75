"""Fault classes: running containers. Numbers follow the table of fault classes."""

from explainers.diagnosis.classes.base import FaultClass

CLASSES = (
    FaultClass(
        56,
        "Command not found",
        "The container runtime starts exactly the command that the spec or the image names. When no file of "
        "that name exists in the image (a typo, a missing file, a volume mounted over its folder), nothing "
        "can run, and the kubelet tries again with growing pauses: that is CrashLoopBackOff.",
        "https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/",
    ),
    FaultClass(
        57,
        "App crash",
        "A container lives as long as its main process. When that ends with an error, the kubelet starts it "
        "again, waiting longer each time. The exit code and the log of the run before say why it ended; the "
        "cluster itself cannot know more.",
        "https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/",
    ),
    FaultClass(
        58,
        "Main process exits 0",
        "A container lives as long as its main process. A program that does its work and ends, or that goes "
        "to the background, counts as finished, and by `restartPolicy: Always` the kubelet starts what has "
        "finished again. Work that ends belongs into a Job; a server must stay in the foreground.",
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy",
    ),
    FaultClass(
        59,
        "Not executable",
        "The command exists, but the file lacks the right to be executed. Files mounted from a ConfigMap or "
        "Secret have mode 0644 unless `defaultMode` says otherwise.",
        "https://kubernetes.io/docs/concepts/configuration/configmap/",
    ),
    FaultClass(
        60,
        "OOM limit",
        "A memory limit is hard: when a container touches more, the kernel kills a process in it (SIGKILL, "
        "exit code 137, reason OOMKilled). Either it really needs more, or it leaks; the limit only decides "
        "when.",
        "https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/",
    ),
    FaultClass(
        61,
        "SIGKILL, not OOM",
        "Exit code 137 is 128 + 9, SIGKILL: somebody ended the process without asking. The kernel does it for "
        "memory, the kubelet after a stop took too long, a process in the container or an administrator of "
        "the node can do it as well.",
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
    ),
    FaultClass(
        62,
        "Liveness kills",
        "A liveness probe asks whether the container should be restarted. When it fails `failureThreshold` "
        "times in a row, the kubelet kills the container, however well it works otherwise. A probe that asks "
        "for the wrong thing therefore makes a healthy program restart for ever.",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
    ),
    FaultClass(
        63,
        "Slow start",
        "Liveness counts from the start of the container, after `initialDelaySeconds`. A program that needs "
        "longer than that to listen is killed while it starts, and starts anew each time. A startup probe "
        "holds the liveness probe back until the program is up.",
        "https://kubernetes.io/docs/concepts/workloads/pods/probes/#startup-probe",
    ),
    FaultClass(
        64,
        "Readiness wrong port",
        "A pod gets traffic only while its readiness probe passes. The kubelet asks from the node, at the pod's "
        "address unless the probe names a host. Where nobody listens there, on that port and not only on "
        "127.0.0.1, it never passes, though the program works. `containerPort` is only a note; where the program "
        "listens decides.",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
    ),
    FaultClass(
        65,
        "Readiness path/HTTP code",
        "An HTTP probe passes with a status from 200 to 399. A path that the server does not know gives 404, "
        "a name (the Host header) that it does not take 400 or 421; a server that cannot work yet gives 5xx. Until the "
        "probe passes, the pod stays out of its Services.",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#define-a-liveness-http-request",
    ),
    FaultClass(
        66,
        "Probe timeout/exec missing",
        "A probe has `timeoutSeconds` (1 by default) to answer, and a command probe needs its command inside "
        "the container. An answer that comes late counts as no; a command that does not exist never says yes.",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes",
    ),
    FaultClass(
        67,
        "Runs as root forbidden",
        "With `runAsNonRoot: true` the kubelet refuses to start a container whose user is root, or whose "
        "image names its user by name, because only a number can be checked. `runAsUser` with another number "
        "than 0 settles it, if the program can work as that user.",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    ),
    FaultClass(
        68,
        "Read-only FS/permission",
        "Where a program may write is decided by the image's file modes, the user it runs as, "
        "`readOnlyRootFilesystem` and the modes of its volumes. An emptyDir at the path gives it a place of "
        "its own; `fsGroup` gives it access to a volume.",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    ),
    FaultClass(
        69,
        "Container port clash",
        "All containers of a pod share one network address. Two of them cannot listen on the same port: the "
        'second one fails with "address already in use". With `hostNetwork` a pod has the ports of its node, where '
        "programs of the node and other such pods listen too.",
        "https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking",
    ),
    FaultClass(
        70,
        "Init crashes",
        "Init containers run one after another before the main containers, and each must end with exit code "
        "0. One that fails is tried again; until it succeeds, nothing after it starts.",
        "https://kubernetes.io/docs/tasks/debug/debug-application/debug-init-containers/",
    ),
    FaultClass(
        71,
        "Init hangs",
        "Init containers run one after another, and the next step waits until each ends. One that waits for "
        "another service waits for ever when that service does not exist under the name it asks for; one that changes "
        "a database waits while another session holds a lock there.",
        "https://kubernetes.io/docs/concepts/workloads/pods/init-containers/",
    ),
    FaultClass(
        72,
        "Native sidecar blocks",
        "An init container with `restartPolicy: Always` is a sidecar: it keeps running, and the containers "
        "after it start once it has started and its startup probe, if it has one, passes. A sidecar that "
        "never gets there holds everything up.",
        "https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/",
    ),
    FaultClass(
        73,
        "postStart fails",
        "A postStart hook runs right after the container starts. When it fails, the kubelet kills the "
        "container, and the restart policy starts it again, hook and all.",
        "https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/",
    ),
    FaultClass(
        74,
        "Lower dependency down",
        "A program that calls another one, such as its database, can only work while that one does. Restarting the "
        "caller does not help: the cause, and the fix, are at the service that is called.",
        "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
    ),
    FaultClass(
        75,
        "CPU throttled",
        "A CPU limit is a share of time: a container that has used its share waits until the next period. "
        "Nothing breaks, everything becomes slow, probes included.",
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    ),
    FaultClass(
        76,
        "fd, shm, ephemeral limit",
        "Open files, shared memory (`/dev/shm`, 64 MiB by default) and the local disk of a pod have limits "
        'too. A program that runs into one fails with messages such as "too many open files" or "no space '
        'left on device".',
        "https://kubernetes.io/docs/concepts/storage/ephemeral-storage/",
    ),
    FaultClass(
        77,
        "Stuck Terminating",
        "What is deleted stays while it is used: a pod until its containers have ended, a claim until no pod mounts "
        "it; and both until every finalizer is taken off. A finalizer belongs to a "
        "controller; when that is gone, nobody takes it off.",
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/",
    ),
)

"""Fault classes: configuration and mounts. Numbers follow the table of fault classes."""

from explainers.diagnosis.classes.base import FaultClass

_CONFIG_MAPS = "https://kubernetes.io/docs/concepts/configuration/configmap/"
_SECRETS = "https://kubernetes.io/docs/concepts/configuration/secret/"
_VARIABLES = "https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/"

CLASSES = (
    FaultClass(
        49,
        "ConfigMap missing",
        "Before it starts a container, the kubelet fills in the variables and volumes that come from ConfigMaps. They "
        "must exist in the pod's own namespace; as long as one is missing and not marked `optional`, the container "
        "waits.",
        f"{_CONFIG_MAPS}#using-configmaps",
    ),
    FaultClass(
        50,
        "Secret missing",
        "Variables and volumes that come from Secrets are filled in before a container starts. The Secret must exist "
        "in the pod's own namespace; as long as it is missing and not marked `optional`, the container waits.",
        f"{_SECRETS}#using-secrets",
    ),
    FaultClass(
        51,
        "Key missing",
        "A variable or a file can be taken from a single key of a ConfigMap or Secret. The object exists, but a key of "
        "exactly this name does not, so the kubelet cannot make the container.",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/",
    ),
    FaultClass(
        52,
        "Env var missing/bad",
        "Many programs read their settings from environment variables when they start, and end at once when one is "
        "missing or has a value that they cannot use. Kubernetes passes on what the pod template says and checks "
        "none of it.",
        _VARIABLES,
    ),
    FaultClass(
        53,
        "Stale config",
        "Environment variables, and files mounted with `subPath`, are read once, when the container starts. A later "
        "change of the ConfigMap or Secret does not reach running containers; new pods see it.",
        f"{_CONFIG_MAPS}#mounted-configmaps-are-updated-automatically",
    ),
    FaultClass(
        54,
        "Bad mount/subPath",
        "A volume or a single file of it is mounted over what the image has at that path. A file cannot cover a "
        "folder, nor a folder a file; then the container runtime refuses to start the container. A volume that the "
        "kubelet cannot mount at all keeps the pod's containers from being made.",
        "https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath",
    ),
    FaultClass(
        55,
        "Rotated credential",
        "A password that is changed on one side only no longer fits. The side that reads it from a Secret must get "
        "the new value, and be restarted if it reads it as a variable. A server may also have rules of its own on who "
        "may log in, from where and how, whatever the password.",
        _SECRETS,
    ),
)

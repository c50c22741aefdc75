"""The objects that cases start from, as small as the API takes them."""

from typing import Any

from explainers.operations.base import Json


def labels(name: str) -> Json:
    return {"app": name}


def pod_spec(**container: Any) -> Json:
    main = {"name": "main", "image": "busybox", "command": ["sleep", "3600"], **container}
    init = {"name": "prepare", "image": "busybox", "command": ["true"]}
    spec = {"terminationGracePeriodSeconds": 0, "automountServiceAccountToken": False}
    return {**spec, "initContainers": [init], "containers": [main, {"name": "other", "image": "busybox"}]}


def deployment(name: str, replicas: int = 0, **container: Any) -> Json:
    template = {"metadata": {"labels": labels(name)}, "spec": pod_spec(**container)}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels(name)}, "template": template}
    metadata = {"name": name, "labels": {**labels(name), "old": "yes"}, "annotations": {"note": "kept"}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def stateful_set(name: str, image: str = "busybox") -> Json:
    thing = deployment(name)
    thing["kind"] = "StatefulSet"
    thing["spec"]["serviceName"] = name
    thing["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return thing


def cron_job(name: str) -> Json:
    template = {"spec": {**pod_spec(), "restartPolicy": "Never"}}
    spec = {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": template}}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name}, "spec": spec}


def pod(name: str, *command: str) -> Json:
    container = {"name": "main", "image": "busybox", "command": list(command or ("sleep", "3600"))}
    spec = {"containers": [container], "terminationGracePeriodSeconds": 0, "automountServiceAccountToken": False}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels(name)}, "spec": spec}


def service(name: str) -> Json:
    spec = {"selector": labels(name), "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def config_map(name: str) -> Json:
    metadata = {"name": name, "labels": labels(name)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "1"}}


def secret(name: str) -> Json:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"a": "1"}}


def an_event(name: str) -> Json:
    about = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "namespace": "$NAMESPACE"}
    metadata = {"name": f"{name}.1", "namespace": "$NAMESPACE"}
    told = {"reason": "Told", "message": "it happened", "type": "Normal"}
    return {"apiVersion": "v1", "kind": "Event", "metadata": metadata, "involvedObject": about, **told}

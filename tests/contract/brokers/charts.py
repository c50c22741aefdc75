"""A small chart of the tests' own: what a service needs, a hook that may take its time, and a claim where wanted."""

import json
from pathlib import Path
from typing import Any

CHART = """
apiVersion: v2
name: shelf
version: {version}
description: A chart of the tests
"""
CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}", annotations: {helm.sh/resource-policy: keep}}
data: {size: "{{ .Values.size }}"}
"""
SECRET = """
apiVersion: v1
kind: Secret
metadata: {name: "{{ .Release.Name }}"}
stringData: {password: "{{ .Values.password }}"}
"""
WORKLOAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: "{{ .Release.Name }}"}}
  template:
    metadata: {labels: {app: "{{ .Release.Name }}"}}
    spec: {containers: [{name: main, image: "{{ .Values.image }}", command: [sleep, "3600"]}]}
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: "{{ .Release.Name }}"}
spec: {selector: {app: "{{ .Release.Name }}"}, ports: [{name: redis, port: 6379}]}
"""
BARE = """
apiVersion: v1
kind: Service
metadata: {name: "{{ .Release.Name }}"}
spec: {ports: [{name: redis, port: 6379}]}
"""
"""Selects nothing: whoever made it sees to its endpoints, so nothing is waited for."""
CLAIMING = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: "{{ .Release.Name }}-data"}
spec:
  serviceName: "{{ .Release.Name }}"
  selector: {matchLabels: {app: "{{ .Release.Name }}-data"}}
  template:
    metadata: {labels: {app: "{{ .Release.Name }}-data"}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {name: main, image: busybox, command: [sleep, "3600"], volumeMounts: [{name: data, mountPath: /data}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
"""
HOOK = """
apiVersion: v1
kind: Pod
metadata:
  name: "{{ .Release.Name }}-prepare"
  annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: "hook-succeeded,before-hook-creation"}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: busybox, command: [sleep, "3600"]}]
"""
VALUES: dict[str, Any] = {"size": "1", "password": "none", "replicas": 0, "image": "busybox"}


def write_chart(folder: Path, *more: str, version: str = "1.0.0", small: bool = False) -> Path:
    """A chart in that folder, in place of what was there; `more` are templates besides the usual ones, or besides two
    of them for a `small` one."""
    templates = folder / "templates"
    templates.mkdir(parents=True, exist_ok=True)
    for old in templates.iterdir():
        old.unlink()
    (folder / "Chart.yaml").write_text(CHART.replace("{version}", version))
    (folder / "values.yaml").write_text(json.dumps(VALUES))
    usual = (CONFIG, BARE) if small else (CONFIG, SECRET, WORKLOAD, SERVICE)
    for number, template in enumerate((*usual, *more)):
        (templates / f"part-{number}.yaml").write_text(template)
    return folder

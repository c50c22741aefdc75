"""Controllers that only measure: quotas, disruption budgets, autoscalers without metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.sandbox.jsonish import Object, dig
from bot.sandbox.quotas import quota_status
from bot.sandbox.selectors import matches_label_selector
from bot.sandbox.world import World, is_active, is_ready, set_condition


@dataclass(frozen=True)
class Gauges:
    """Keeps the status of quotas, budgets and autoscalers."""

    world: World

    def sync(self, namespace: str) -> datetime | None:
        """Measure a namespace."""
        store = self.world.store
        for quota in store.all("", "resourcequotas", namespace):
            self.world.set_status("", "resourcequotas", quota, quota_status(store, quota))
        for budget in store.all("policy", "poddisruptionbudgets", namespace):
            self.world.set_status("policy", "poddisruptionbudgets", budget, self._budget(budget))
        for scaler in store.all("autoscaling", "horizontalpodautoscalers", namespace):
            self._scaler(scaler)
        return None

    def _budget(self, budget: Object) -> Object:
        selector = dig(budget, "spec", "selector")
        pods = [
            pod
            for pod in self.world.store.all("", "pods", budget["metadata"]["namespace"])
            if is_active(pod) and matches_label_selector(selector, dig(pod, "metadata", "labels"))
        ]
        healthy = sum(1 for pod in pods if is_ready(pod))
        least = dig(budget, "spec", "minAvailable")
        if least is not None:
            wanted = _share(least, len(pods))
        else:
            wanted = len(pods) - _share(dig(budget, "spec", "maxUnavailable", default=1), len(pods))
        return {
            "currentHealthy": healthy,
            "desiredHealthy": wanted,
            "disruptionsAllowed": max(healthy - wanted, 0),
            "expectedPods": len(pods),
            "observedGeneration": budget["metadata"].get("generation", 1),
        }

    def _scaler(self, scaler: Object) -> None:
        target = dig(scaler, "spec", "scaleTargetRef", default={})
        plural = f"{str(target.get('kind', '')).lower()}s"
        namespace, name = scaler["metadata"]["namespace"], target.get("name", "")
        found = self.world.store.find("apps", plural, namespace, name)
        if found:
            replicas = dig(found, "status", "replicas", default=0)
            reason, value = "SucceededGetScale", "True"
            text = "the HPA controller was able to get the target's current scale"
        else:
            replicas, reason, value = 0, "FailedGetScale", "False"
            fault = f'{plural}.apps "{name}" not found'
            text = f"the HPA controller was unable to get the target's current scale: {fault}"
        new = {"type": "AbleToScale", "status": value, "reason": reason, "message": text}
        old = dig(scaler, "status", "conditions", default=[])
        conditions = set_condition(old, new, self.world.stamp())
        status = {"conditions": conditions, "currentMetrics": None, "desiredReplicas": replicas}
        if replicas:
            status["currentReplicas"] = replicas
        if not found and not old:
            self.world.tell(scaler, reason, fault, "horizontal-pod-autoscaler", warning=True)
        self.world.set_status("autoscaling", "horizontalpodautoscalers", scaler, status)


def _share(value: Any, total: int) -> int:
    if isinstance(value, str) and value.endswith("%"):
        return -(-int(value[:-1]) * total // 100)
    return int(value)

"""What the admission plugins say, in the wordings of several Kubernetes versions."""

import pytest

from explainers.diagnosis.views.refusals import (
    AccountMissing,
    ClassMissing,
    Denied,
    LevelViolated,
    NamespaceEnding,
    OutOfBounds,
    QuotaDemands,
    QuotaFull,
    Refusal,
    Refused,
    WebhookFailed,
    refusal,
)

POD = 'Error creating: pods "web-1" is forbidden: '


@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        (
            POD + "exceeded quota: q, requested: limits.memory=256Mi,pods=1, used: limits.memory=0,pods=3, "
            "limited: limits.memory=128Mi,pods=3",
            QuotaFull("q", (("limits.memory", "256Mi", "0", "128Mi"), ("pods", "1", "3", "3"))),
        ),
        (
            POD + "failed quota: q: must specify requests.cpu for: a,b; limits.memory for: b",
            QuotaDemands("q", (("requests.cpu", ("a", "b")), ("limits.memory", ("b",)))),
        ),
        (
            POD + "failed quota: q: must specify requests.cpu,limits.memory",
            QuotaDemands("q", (("requests.cpu", ()), ("limits.memory", ()))),
        ),
        (
            POD + "maximum memory usage per Container is 128Mi, but limit is 512Mi",
            OutOfBounds("maximum", "memory", "Container", "128Mi", "limit", "512Mi"),
        ),
        (
            POD
            + "[minimum cpu usage per Pod is 50m, but request is 5m, maximum cpu usage per Pod is 1, but limit is 2]",
            OutOfBounds("minimum", "cpu", "Pod", "50m", "request", "5m"),
        ),
        (
            POD + "maximum cpu usage per Container is 500m.  No limit is specified",
            OutOfBounds("maximum", "cpu", "Container", "500m", "limit", ""),
        ),
        (
            POD + "cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000",
            OutOfBounds("ratio", "cpu", "Container", "2", "limit", "4"),
        ),
        (
            "create Claim data-db-0 for Pod db-0 in StatefulSet db failed error: persistentvolumeclaims "
            '"data-db-0" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 5Gi',
            OutOfBounds("maximum", "storage", "PersistentVolumeClaim", "1Gi", "request", "5Gi"),
        ),
        (
            POD
            + 'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true), privileged (container "a"'
            " must not set securityContext.privileged=true)",
            LevelViolated(
                "baseline",
                (
                    ("host namespaces", "hostNetwork=true"),
                    ("privileged", 'container "a" must not set securityContext.privileged=true'),
                ),
            ),
        ),
        (
            POD + 'error looking up service account shop/builder: serviceaccount "builder" not found',
            AccountMissing("builder"),
        ),
        (
            'Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: Post "https://x":'
            " no endpoints available for service",
            WebhookFailed("check.example.com", "no endpoints available for service"),
        ),
        (
            'failed calling webhook "check.example.com": failed to call webhook: Post "https://hook.security.svc:443/pods'
            '?timeout=10s": service "hook" not found',
            WebhookFailed("check.example.com", 'service "hook" not found', ("hook", "security")),
        ),
        (
            'failed calling webhook "check.example.com": expected webhook response of admission.k8s.io/v1',
            WebhookFailed("check.example.com", "expected webhook response of admission.k8s.io/v1"),
        ),
        (
            'admission webhook "images.example.com" denied the request: only images of our registry',
            Denied("images.example.com", "only images of our registry"),
        ),
        (
            POD + "no PriorityClass with name business-critical was found",
            ClassMissing("PriorityClass", "business-critical"),
        ),
        (POD + 'pod rejected: RuntimeClass "gvisor" not found', ClassMissing("RuntimeClass", "gvisor")),
        (
            POD + "unable to create new content in namespace shop because it is being terminated",
            NamespaceEnding("shop"),
        ),
        (POD + "something that\n no plugin says", Refused("something that no plugin says")),
        ('Pod "web-1" is invalid: spec.x: wrong', Refused("spec.x: wrong")),
        ("something that no plugin says", Refused("something that no plugin says")),
        ("", Refused("")),
    ],
)
def test_refusal(message: str, meaning: Refusal) -> None:
    assert refusal(message) == meaning


def test_a_webhook_that_is_not_trusted_is_a_class_of_its_own() -> None:
    assert WebhookFailed("w", "x509: certificate signed by unknown authority").number == 106
    assert WebhookFailed("w", "connection refused").number == 105

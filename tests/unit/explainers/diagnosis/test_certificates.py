"""Certificates that are not trusted, where a capture of a scenario does not show it."""

from typing import Any

from commands.base.request import Actor, Request
from commands.diagnose import diagnose
from explainers.operations.byhand import ReadSecretKey
from tests.unit.clusters import deployment, pod, services, thing

Json = dict[str, Any]
EXPIRED = "Error: certificate has expired\n"


def told(url: str, *others: Json) -> Json:
    """What `diagnose web` says of a program that is not ready, calls `url`, and does not like the certificate."""
    web, one = deployment("web", ready=0), pod("web-1", {"app": "web"}, ready=False)
    env = [{"name": "PAYMENTS_URL", "value": url}]
    for spec in (web["spec"]["template"]["spec"], one["spec"]):
        spec["containers"] = [{"name": "app", "image": "app:1", "env": env}]
    request = Request("diagnose", "deployment/web", Actor("test"), namespace="shop")
    data = diagnose(request, services(web, one, *others, logs={"shop/web-1/app": EXPIRED})).data
    assert isinstance(data, dict)
    return data


def payments(secret: Json) -> tuple[Json, ...]:
    """A service with one pod that mounts this Secret."""
    service = thing("Service", "payments", spec={"selector": {"app": "payments"}, "ports": [{"port": 443}]})
    called, one = deployment("payments"), pod("payments-1", {"app": "payments"})
    one["spec"]["volumes"] = [{"name": "tls", "secret": {"secretName": "payments-tls"}}]
    return service, called, one, secret


def tls(**notes: str) -> Json:
    secret = thing("Secret", "payments-tls", data={"tls.crt": "(900 characters)", "tls.key": "(200 characters)"})
    written = {"time": "2026-01-02T09:00:00Z", "fieldsV1": {"f:data": {"f:tls.crt": {}, "f:tls.key": {}}}}
    secret["metadata"] |= {"annotations": notes, "managedFields": [written]}
    return secret


def test_a_host_outside_of_the_cluster_is_named_and_nothing_in_it_is_blamed() -> None:
    cause = told("https://api.example.com/")["cause"]
    assert (cause["class"], cause["object"]) == (26, "deployment/web")
    assert "has expired" in cause["sentence"]


def test_the_secret_of_what_is_called_and_who_issues_it() -> None:
    data = told("https://payments/", *payments(tls(**{"cert-manager.io/certificate-name": "payments"})))
    assert (data["cause"]["class"], data["cause"]["object"]) == (26, "secret/payments-tls")
    assert "renewed" not in data["cause"]["sentence"]  # it was written before its pod started
    assert "the Certificate `payments`" in data["plan"][0]["why"]


def test_how_a_certificate_is_looked_at_and_renewed_by_hand() -> None:
    data = told("https://payments/", *payments(tls()))
    why = data["plan"][0]["why"]
    assert "restart of `deployment/payments`" in why
    assert ReadSecretKey("shop", "payments-tls", "tls.crt").line() + " | openssl x509 -noout -subject -dates" in why


def test_when_the_secret_was_written_is_not_when_its_certificate_expired() -> None:
    data = told("https://payments/", *payments(tls()))
    assert data["cause"]["since"] != "2026-01-02T09:00:00+00:00"

"""Reading a kubeconfig as kubectl does, and saying what is wrong with it."""

import base64
import json
import os
import ssl
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cluster.connection import Connection, Fixed, TokenFile, Trust
from bot.cluster.kubeconfig import connect, in_cluster
from bot.cluster.plugins import Patience, plugin_credentials
from commands.base.errors import Unavailable

NONE: Mapping[str, str] = {}


def config(user: Any = None, cluster: Any = None, context: Any = None, name: str = "main") -> dict[str, Any]:
    return {
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": "c", "user": "u", **(context or {})}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://api:6443/", **(cluster or {})}}],
        "users": [{"name": "u", "user": user or {}}],
    }


def connection(tmp_path: Path, document: Any, environ: Mapping[str, str] = NONE, context: str = "") -> Connection:
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return connect(str(path), context, environ)


def test_context_gives_name_namespace_and_address(tmp_path: Path) -> None:
    found = connection(tmp_path, config(context={"namespace": "shop"}))
    assert (found.name, found.host, found.default_namespace) == ("main", "https://api:6443", "shop")
    assert connection(tmp_path, config()).default_namespace == "default"


def test_context_can_be_chosen(tmp_path: Path) -> None:
    document = config()
    document["contexts"].append({"name": "other", "context": {"cluster": "c", "user": "u", "namespace": "x"}})
    assert connection(tmp_path, document, context="other").default_namespace == "x"


def test_json_and_yaml_flow_style_are_read(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(json.dumps(config()), encoding="utf-8")
    assert connect(str(path), environ=NONE).name == "main"
    path.write_text("{current-context: main, contexts: [], clusters: [], users: []}", encoding="utf-8")
    with pytest.raises(Unavailable, match="has no context 'main'"):
        connect(str(path), environ=NONE)


@pytest.mark.parametrize(
    ("user", "header"),
    [
        ({"token": "abc"}, "Bearer abc"),
        ({"username": "u", "password": "p"}, "Basic " + base64.b64encode(b"u:p").decode()),
        ({}, ""),
    ],
)
def test_credentials(tmp_path: Path, user: Any, header: str) -> None:
    assert connection(tmp_path, config(user)).credentials.header() == header


def test_relative_paths_start_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("AUTHORITY", encoding="utf-8")
    (tmp_path / "token").write_text("fresh\n", encoding="utf-8")
    found = connection(tmp_path, config({"tokenFile": "token"}, {"certificate-authority": "ca.crt"}))
    assert found.trust.ca == "AUTHORITY"
    assert found.credentials.header() == "Bearer fresh"


def test_data_is_preferred_to_files(tmp_path: Path) -> None:
    data = base64.b64encode(b"PEM").decode()
    cluster = {"certificate-authority-data": data, "certificate-authority": "/nowhere"}
    user = {"client-certificate-data": data, "client-key-data": data}
    found = connection(tmp_path, config(user, cluster))
    assert found.trust == Trust("PEM", "PEM", "PEM")


def test_tls_settings(tmp_path: Path) -> None:
    found = connection(tmp_path, config(cluster={"insecure-skip-tls-verify": True, "tls-server-name": "kube"}))
    assert found.trust.server_name == "kube"
    assert found.trust.context().verify_mode == ssl.CERT_NONE
    assert Trust().context().verify_mode == ssl.CERT_REQUIRED


def test_several_files_merge_and_the_first_wins(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text(yaml.safe_dump({**config({"token": "first"}), "contexts": []}), encoding="utf-8")
    second.write_text(yaml.safe_dump(config({"token": "second"}, name="main")), encoding="utf-8")
    environ = {"KUBECONFIG": f"{first}{os.pathsep}{tmp_path / 'missing'}{os.pathsep}{second}"}
    found = connect(environ=environ)
    assert found.credentials.header() == "Bearer first"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "not a mapping"),
        ({}, "no current context"),
        ({**config(), "current-context": "gone"}, "no context 'gone'; it has: main"),
        ({**config(), "clusters": None}, "no cluster 'c'; it has: none"),
        ({**config(), "users": ["odd", {"name": "other"}]}, "no user 'u'; it has: other"),
        (config(cluster={"server": "api:6443"}), "no server address"),
        (config(cluster={"certificate-authority": "gone.crt"}), "certificate-authority cannot be read"),
        (config(cluster={"certificate-authority-data": "%%%"}), "certificate-authority cannot be read"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, document: Any, said: str) -> None:
    with pytest.raises(Unavailable, match=said):
        connection(tmp_path, document)


def test_broken_yaml_and_broken_certificates(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(Unavailable, match="not valid YAML"):
        connect(str(path), environ=NONE)
    with pytest.raises(Unavailable, match="certificates cannot be read"):
        Trust(ca="nonsense").context()
    with pytest.raises(Unavailable, match="certificates cannot be read"):
        Trust(certificate="nonsense", key="nonsense").context()


def test_nothing_configured_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"no kubeconfig at .*gone") as caught:
        connect(environ={"KUBECONFIG": str(tmp_path / "gone")})
    assert caught.value.hint.startswith("Set KUBECONFIG to its path.")
    with pytest.raises(Unavailable, match="no kubeconfig at"):
        connect(str(tmp_path / "gone"), environ={"KUBERNETES_SERVICE_HOST": "10.0.0.1"})


def test_in_a_pod(tmp_path: Path) -> None:
    for name, content in (("ca.crt", "PEM"), ("namespace", "tools\n"), ("token", "pod\n")):
        (tmp_path / name).write_text(content, encoding="utf-8")
    found = in_cluster({"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}, tmp_path)
    assert (found.host, found.default_namespace, found.trust.ca) == ("https://10.0.0.1:443", "tools", "PEM")
    assert found.credentials.header() == "Bearer pod"
    assert in_cluster({"KUBERNETES_SERVICE_HOST": "fd00::1"}, tmp_path).host == "https://[fd00::1]:443"
    with pytest.raises(Unavailable, match="not mounted"):
        in_cluster({}, tmp_path / "gone")


def test_token_files_are_read_again(tmp_path: Path) -> None:
    path, times = tmp_path / "token", iter(range(0, 1000, 40))
    path.write_text("one", encoding="utf-8")
    token = TokenFile(path, lambda: float(next(times)))
    assert token.header() == "Bearer one"
    path.write_text("two", encoding="utf-8")
    assert [token.header(), token.header()] == ["Bearer one", "Bearer two"]
    path.write_text("three", encoding="utf-8")
    assert token.renew()
    assert token.header() == "Bearer three"
    path.write_text("", encoding="utf-8")
    token.renew()
    with pytest.raises(Unavailable, match="is empty"):
        token.header()
    path.unlink()
    with pytest.raises(Unavailable, match="cannot be read"):
        token.header()


@pytest.mark.parametrize(
    ("no_proxy", "host", "direct"),
    [
        ("", "https://api:6443", False),
        ("api", "https://api:6443", True),
        ("example.org", "https://k8s.example.org", True),
        (".example.org", "https://k8s.example.org", True),
        ("other.org, 10.0.0.0/8", "https://10.1.2.3:6443", True),
        ("10.0.0.0/33", "https://10.1.2.3:6443", False),
        ("*", "https://api", True),
        ("", "https://127.0.0.1:6443", True),
        ("", "https://localhost:6443", True),
    ],
)
def test_proxies_by_gos_rules(tmp_path: Path, no_proxy: str, host: str, direct: bool) -> None:
    environ = {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": no_proxy}
    found = connection(tmp_path, config(cluster={"server": host}), environ)
    assert found.proxy == ("" if direct else "http://proxy:3128")


def test_the_kubeconfigs_own_proxy_comes_first(tmp_path: Path) -> None:
    found = connection(tmp_path, config(cluster={"proxy-url": "http://own:1"}), {"HTTPS_PROXY": "http://env:1"})
    assert found.proxy == "http://own:1"


def test_a_user_that_acts_as_another(tmp_path: Path) -> None:
    user = {"as": "ada", "as-groups": ["dev", "ops"], "as-uid": "7", "as-user-extra": {"example.com/team": ["shop"]}}
    assert connection(tmp_path, config(user)).acts_as == {
        "Impersonate-User": ["ada"],
        "Impersonate-Uid": ["7"],
        "Impersonate-Group": ["dev", "ops"],
        "Impersonate-Extra-example.com%2Fteam": ["shop"],
    }
    assert connection(tmp_path, config({"token": "t"})).acts_as == {}
    with pytest.raises(Unavailable, match="no user to act as"):
        connection(tmp_path, config({"as-groups": ["dev"]}))


def test_secrets_are_not_in_repr(tmp_path: Path) -> None:
    key = base64.b64encode(b"PRIVATE").decode()
    found = connection(tmp_path, config({"token": "s3cret", "client-key-data": key}))
    assert "s3cret" not in repr(found)
    assert "PRIVATE" not in repr(found)
    assert repr(Fixed("s3cret")) == "Fixed()"


def plugin(tmp_path: Path, lines: str) -> dict[str, Any]:
    path = tmp_path / "plugin.py"
    path.write_text(f"#!{sys.executable}\n{lines}", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(path)}}


CREDENTIAL = """
import json, pathlib
count = pathlib.Path(__file__).with_name("count")
count.write_text(count.read_text() + "x" if count.exists() else "x")
status = {"token": "t%d" % len(count.read_text()), "expirationTimestamp": "EXPIRES"}
print(json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}))
"""


def test_a_plugins_token_is_kept_until_it_ends_or_is_refused(tmp_path: Path) -> None:
    lasting = plugin(tmp_path, CREDENTIAL.replace("EXPIRES", "2999-01-01T00:00:00Z"))
    credentials = connection(tmp_path, config(lasting)).credentials
    assert [credentials.header(), credentials.header()] == ["Bearer t1", "Bearer t1"]
    assert credentials.renew()
    assert credentials.header() == "Bearer t2"
    ending = plugin(tmp_path, CREDENTIAL.replace("EXPIRES", "2001-01-01T00:00:00Z"))
    credentials = connection(tmp_path, config(ending)).credentials
    assert credentials.header() != credentials.header()


def test_a_plugin_that_fails_is_quoted(tmp_path: Path) -> None:
    failing = plugin(tmp_path, "import sys\nsys.exit('please log in')\n")
    with pytest.raises(Unavailable, match="please log in"):
        connection(tmp_path, config(failing))
    gone = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "/nowhere", "installHint": "get it"}}
    with pytest.raises(Unavailable, match="/nowhere failed") as error:
        connection(tmp_path, config(gone))
    assert error.value.hint == "get it"


def test_a_plugin_that_hangs_is_given_up(tmp_path: Path) -> None:
    hanging = plugin(tmp_path, "import time\ntime.sleep(60)\n")
    with pytest.raises(Unavailable, match=r"did not answer within 0\.3 s"):
        plugin_credentials({}, hanging, tmp_path, Patience(0.3, 0.3))


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("not json", "Expecting value"),
        ("[]", "no status"),
        ('{"apiVersion": "client.authentication.k8s.io/v1", "status": null}', "no status"),
        ('{"apiVersion": "other/v1", "status": {}}', "speaks other/v1"),
    ],
)
def test_a_plugin_that_prints_something_else(tmp_path: Path, printed: str, said: str) -> None:
    with pytest.raises(Unavailable, match=said):
        connection(tmp_path, config(plugin(tmp_path, f"print({printed!r})")))


def test_a_plugin_is_told_of_its_cluster(tmp_path: Path) -> None:
    lines = """
import json, os, sys
told = json.loads(os.environ["KUBERNETES_EXEC_INFO"])["spec"]["cluster"]
status = {"token": "-".join([told["server"], told["config"]["audience"], os.environ["REGION"], *sys.argv[1:]])}
print(json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}))
"""
    spec = plugin(tmp_path, lines)
    spec["exec"] |= {"args": ["get"], "env": [{"name": "REGION", "value": "eu"}], "provideClusterInfo": True}
    own = {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "shop"}}
    found = connection(tmp_path, config(spec, {"extensions": [own]}))
    assert found.credentials.header() == "Bearer https://api:6443/-shop-eu-get"

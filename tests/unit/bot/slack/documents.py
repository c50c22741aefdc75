"""Documents for the tests of the Slack surface: one as people meet it, and any that can exist."""

from dataclasses import dataclass

from hypothesis import strategies as st

from explainers.document import Button, Document, Evidence, Link, Picture, Tone, Unchecked
from explainers.kinds import DEPLOYMENT
from explainers.operations.base import Change, Permission, Request
from explainers.operations.reads import Get
from explainers.plan import Plan, Step


@dataclass(frozen=True)
class Fix(Change):
    """A change with any command line."""

    words: tuple[str, ...] = ("rollout", "undo", "deployment/checkout")
    reversible: bool = True

    def request(self) -> Request:
        return Request("PATCH", "/apis/apps/v1/namespaces/shop/deployments/checkout", body={"words": list(self.words)})

    def kubectl(self) -> list[str]:
        return ["kubectl", "-n", "shop", *self.words]

    def python(self) -> str:
        return "client.AppsV1Api()"

    def permission(self) -> Permission:
        return Permission("patch", "deployments", "shop", "checkout")

    def inverse(self) -> "Change | None":
        return Fix(("back",)) if self.reversible else None


VERDICT = Document(
    Tone.FAULT,
    'checkout is down: its pods crash because `DATABASE_URL` points to "pg-main", a service that does not exist.',
    facts=("sure: 3 signals agree", "since 14:02 (18 min)", "nobody can reach shop/checkout (0 of 2 endpoints)"),
    evidence=(
        Evidence("pod checkout-7c9d-x2x", "previous log: could not translate host name `pg-main` to address", "1 min"),
        Evidence("services in shop", "pg, checkout, web; no pg-main (nearest: pg)", "14:20"),
    ),
    fine=("image pulled", "memory 41 of 256 MiB"),
    unchecked=(Unchecked("logs of shop/pg", "get pods/log", "kubectl create rolebinding x --user=ada"),),
    plan=Plan(
        (
            Step(Fix(), "back to revision 6, which ran 9 days", "2 of 2 ready within a minute"),
            Step(Get(DEPLOYMENT, "shop", "checkout"), "see it serve"),
        ),
        (Step(Fix(("set", "env", "deployment/checkout", "DATABASE_URL=a&b<c>"), reversible=False), "the new name"),),
    ),
    explanation="A name inside the cluster resolves only if a Service of that name exists.",
    reading=(Link("DNS", "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/"),),
    picture=Picture("<svg/>", "ingress to service to nothing"),
    buttons=(Button("Re-check", "recheck", "deployment/checkout -n shop"), Button("Logs", "logs", "checkout")),
)

_text = st.text(max_size=300) | st.sampled_from(["<" * 4000, '"' * 5000, "`a" * 900, "&\n" * 3000, "*_~`<!channel>"])
_step = st.builds(Step, st.builds(Fix, st.lists(_text, max_size=2).map(tuple), st.booleans()), why=_text, expect=_text)
_steps = st.lists(_step, max_size=6).map(tuple)
documents = st.builds(
    Document,
    tone=st.sampled_from(Tone),
    headline=_text,
    facts=st.lists(_text, max_size=8).map(tuple),
    evidence=st.lists(st.builds(Evidence, _text, _text, _text), max_size=60).map(tuple),
    consequences=st.lists(_text, max_size=8).map(tuple),
    fine=st.lists(_text, max_size=8).map(tuple),
    unchecked=st.lists(st.builds(Unchecked, _text, _text, _text), max_size=30).map(tuple),
    plan=st.builds(Plan, _steps, _steps),
    explanation=_text,
    reading=st.lists(st.builds(Link, _text, st.sampled_from(["https://x.example/a", "ftp://x", "https://x|y"]))).map(
        tuple
    ),
    picture=st.none() | st.builds(Picture, st.just("<svg/>"), _text),
    code=_text,
    buttons=st.lists(st.builds(Button, _text, _text, _text, _text), max_size=30).map(tuple),
)

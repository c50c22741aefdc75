"""Whether a new pod would run another image than the old one, by its pull policy and what its reference pins.

Source: https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy
"""

from collections.abc import Set

from explainers.diagnosis.views.pulls import repository_of

SHOWN = 19
"""Characters of a digest that are shown: `sha256:` and twelve digits."""


def brings(container: str, image: str, policy: str, running: Set[str] = frozenset(), now: str | None = None) -> str:
    """What a new pod's container will run, in a sentence.

    `policy` is its imagePullPolicy, empty for the API's default. `running` are the digests that its pods run; `now` is
    the digest that the registry has under the tag, None when that is not known.
    """
    name, at, digest = image.partition("@")
    if at:
        return f"`{container}` runs `{name}` by digest ({digest[:SHOWN]}…): that is one image for ever, the same again"
    policy = policy or ("Always" if tag_of(image) in ("", "latest") else "IfNotPresent")
    if policy == "Never":
        return f"`{container}` never pulls (`imagePullPolicy: Never`): the node's own copy of `{image}` runs again"
    if now and running == {now}:
        return f"`{container}`: `{image}` still means the image that runs, so the same runs again"
    if policy == "Always":
        return f"`{container}` pulls at every start: {_if_moved(image, running, now)}"
    told = f"`{container}` pulls `{image}` only where a node has none (`imagePullPolicy: IfNotPresent`)"
    if now and running:
        return (
            f"{told}, and the tag now means another image: a restart does not surely bring that,"
            f" `{repository_of(image)}@{now}` does"
        )
    return f"{told}: if the tag was pushed again, a restart does not surely bring that; a new tag or a digest does"


def _if_moved(image: str, running: Set[str], now: str | None) -> str:
    if now and running:
        return f"`{image}` now means another image ({now[:SHOWN]}…), which the new pods will run"
    return f"if `{image}` was pushed again the new pods run that, else the same"


def tag_of(image: str) -> str:
    """The tag of a reference; empty when it names none."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]

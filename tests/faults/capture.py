"""`python -m tests.faults.capture NNN-slug …`: make faults happen, judge the live verdicts, store the captures.

A stored capture calls the namespace by one fixed name and leaves out what belongs to other namespaces,
so that it reads well and stays the same from one recording to the next.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from commands.capture import take
from tests.faults.harness import Fault, chosen, live
from tests.faults.verdicts import CAPTURED_AS, ask, captured, complaints, live_services


def main() -> None:
    """The command line; exit code 1 when a live verdict is not the expected one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", help="scenario folders, or a part of their names")
    parser.add_argument("--dry", action="store_true", help="judge only, store nothing")
    options = parser.parse_args()
    wrong = [fault for fault in chosen(options.names) if not record(fault, store=not options.dry)]
    raise SystemExit(1 if wrong else 0)


def record(fault: Fault, store: bool = True) -> bool:
    """Run one scenario; True when the live verdict is the expected one."""
    with live(fault) as namespace:
        services = live_services()
        start = time.monotonic()
        verdict = ask(services, fault, namespace)
        took = time.monotonic() - start
        if store:
            text = json.dumps(slim(take(services, namespace).as_json(), namespace), indent=1, sort_keys=True)
            captured(fault).write_text(text.replace(namespace, CAPTURED_AS) + "\n")
    wrong = complaints(fault, verdict, namespace)
    print(f"{'WRONG' if wrong else 'right'} {fault.name} ({took:.1f} s): {verdict['headline']}", flush=True)
    print(*(f"    {line}" for line in wrong), sep="\n" if wrong else "", end="\n" if wrong else "", flush=True)
    return not wrong


def slim(capture: dict[str, Any], namespace: str) -> dict[str, Any]:
    """The capture without what other tests put beside it, and without the list of images on the nodes."""
    kept = [thing for thing in capture["objects"] if not _foreign(thing, namespace)]
    for thing in kept:
        if thing["kind"] == "Node":
            thing["status"].pop("images", None)
    return capture | {"objects": kept}


def _foreign(thing: dict[str, Any], namespace: str) -> bool:
    name = thing["metadata"]["name"]
    if thing["kind"] == "PersistentVolume":
        return bool(thing["spec"].get("claimRef", {}).get("namespace", namespace) != namespace)
    if thing["kind"] in ("Node", "StorageClass"):
        return name.startswith("fault-") and namespace not in name
    return thing["kind"] == "Namespace" and name != namespace and not name.startswith(("kube-", "default"))


if __name__ == "__main__":
    main()

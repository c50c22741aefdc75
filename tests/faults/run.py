"""`python -m tests.faults.run NNN-slug [--keep]`: make a fault happen, show its namespace, and with --keep hold it."""

from __future__ import annotations

import argparse
import time

from tests.faults.harness import Fault, chosen, faults, live
from tests.faults.kubectl import Kubectl


def main() -> None:
    """The command line; without a name, the list of scenarios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="scenario folders, for example 041-image-typo, or a part of the name")
    parser.add_argument("--keep", action="store_true", help="hold the namespace until Enter, for a look")
    parser.add_argument("--events", action="store_true", help="print the namespace's events too")
    options = parser.parse_args()
    if not options.names:
        print(*(fault.name for fault in faults()), sep="\n")
    for fault in chosen(options.names):
        _show(fault, options.keep, options.events)


def _show(fault: Fault, keep: bool, events: bool) -> None:
    start = time.monotonic()
    with live(fault) as namespace:
        kubectl = Kubectl(namespace)
        print(f"{fault.name}: developed in {time.monotonic() - start:.0f} s, namespace {namespace}", flush=True)
        print(kubectl("get", "deployments,statefulsets,pods,services,pvc,hpa"), flush=True)
        if events:
            print(kubectl("get", "events", "--output=custom-columns=R:.reason,O:.involvedObject.name,M:.message"))
        if keep:
            input("Enter deletes it ")


if __name__ == "__main__":
    main()

"""The real kubectl, as a person would run it: scenarios are set up with the tool that the plans print."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import Any


class KubectlError(AssertionError):
    """kubectl ended with another exit code than 0; the message carries its error output."""


@dataclass(frozen=True, slots=True)
class Kubectl:
    """kubectl bound to one namespace; the cluster is the one that KUBECONFIG names."""

    namespace: str

    def __call__(self, *args: str, stdin: str | None = None, wait: float = 60) -> str:
        """Run and return standard output. Raises KubectlError with the error output."""
        command = ["kubectl", "--namespace", self.namespace, *args]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=wait, check=False)
        if done.returncode != 0:
            raise KubectlError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def json(self, *args: str) -> Any:
        """Run with `--output=json` and return the decoded answer; None where the object does not exist."""
        out = self(*args, "--output=json", "--ignore-not-found")
        return json.loads(out) if out.strip() else None

    def items(self, *args: str) -> list[dict[str, Any]]:
        """The items of a list."""
        answer = self.json("get", *args)
        return list(answer["items"]) if answer else []

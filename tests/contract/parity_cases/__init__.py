"""One parity case for each operation: what is there before, the operation, and what to compare afterwards.

Each case runs three times on its own copy: the shown kubectl line, the sent request and the shown Python lines.
"""

from tests.contract.parity_cases.case import Case, Place
from tests.contract.parity_cases.made import MADE
from tests.contract.parity_cases.manifests import MANIFESTS
from tests.contract.parity_cases.nodes import NODES
from tests.contract.parity_cases.reading import READING
from tests.contract.parity_cases.workloads import WORKLOADS

__all__ = ["CASES", "Case", "Place"]

CASES: dict[str, Case] = {**READING, **WORKLOADS, **MADE, **NODES, **MANIFESTS}

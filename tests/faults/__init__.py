"""Faults that really happen: one folder a scenario, applied to a real cluster by `harness`; `run` shows them."""

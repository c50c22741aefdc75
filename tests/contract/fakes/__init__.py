"""Fakes of the ports. Each passes the contract tests of its port, so that what tests learn from it holds."""

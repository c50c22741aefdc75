"""Fakes of the ports, driven by plain data; each passes the contract tests of what it stands for."""

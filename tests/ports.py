"""Ports for servers that must be told theirs before they start."""

import secrets
import socket
from contextlib import suppress

FIRST, COUNT = 10_000, 20_000
"""Below the ports that Linux gives to outgoing connections, and to NodePorts: nobody takes one meanwhile."""


def free_port() -> int:
    """A port on loopback where nothing listens, and where nothing will by accident."""
    while True:
        port = FIRST + secrets.randbelow(COUNT)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port

"""Ports that programs say they listen on."""

import pytest

from explainers.diagnosis.views.listening import listened

LINES = {
    "Serving HTTP on 0.0.0.0 port 3000 (http://0.0.0.0:3000/) ...": [3000],
    "Tomcat started on port(s): 8080 (http) with context path ''": [8080],
    "Server running at http://localhost:3000/": [3000],
    "12:30:45 INFO listening on [::]:9000": [9000],
    "started at 12:30:45, listening on :8443": [8443],
    '{"level":"info","msg":"listening","addr":":8081"}': [8081],
    " * Running on http://127.0.0.1:5000": [5000],
    "[INFO] Listening at: http://0.0.0.0:8000 (7)": [8000],
    "Running mode=standalone, port=6379.": [6379],
    'listening on IPv4 address "0.0.0.0", port 5432': [5432],
    "Started server process [12]": [],
    '10.0.0.1 - - "GET / HTTP/1.1" 200 ready:80': [],
    "connecting to pg:5432": [],
}


@pytest.mark.parametrize("line", LINES)
def test_ports_of_a_line(line: str) -> None:
    assert list(listened(line)) == LINES[line]

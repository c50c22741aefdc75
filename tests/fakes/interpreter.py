"""A Python process that has imported what it runs already: each piece of code gets a fork of it.

A fork has read no environment and no file yet, as a fresh interpreter; it only need not import everything anew.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

SERVER = """
import json, os, sys
for name in json.loads(sys.argv[1]):
    __import__(name)
for line in sys.stdin:
    code, environment = json.loads(line)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.environ.clear()
        os.environ.update(environment)
        exec(compile(code, "code", "exec"), {"__name__": "__main__"})
        sys.stdout.flush()
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    status = os.waitpid(child, 0)[1]
    print(json.dumps([os.waitstatus_to_exitcode(status), said]), flush=True)
"""


@dataclass(frozen=True)
class Interpreter:
    """Runs code, with exactly the environment that is given."""

    process: subprocess.Popen[str]

    def run(self, code: str, **environment: str) -> str:
        """What the code prints. Raises AssertionError with its traceback when it fails."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([code, environment]) + "\n")
        self.process.stdin.flush()
        status, said = json.loads(self.process.stdout.readline())
        assert status == 0, said
        return str(said).strip()


@contextmanager
def interpreter(modules: Sequence[str]) -> Iterator[Interpreter]:
    """One that has imported these modules; it ends with the block."""
    command = [sys.executable, "-c", SERVER, json.dumps(list(modules))]
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, text=True) as process:
        yield Interpreter(process)
        assert process.stdin
        process.stdin.close()

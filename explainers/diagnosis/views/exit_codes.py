"""Exit codes in words."""

import signal

SIGNALLED = 128
"""A shell's exit code for death by signal N is 128 + N; the kubelet reports the same."""
_MEANINGS = {
    0: "ended without an error",
    126: "a command that may not be executed",
    127: "no such command, or no library that it needs",
}
_SIGNALS = {
    "SIGKILL": "killed",
    "SIGTERM": "asked to stop",
    "SIGSEGV": "invalid memory access",
    "SIGABRT": "the program aborted itself",
    "SIGINT": "interrupted",
    "SIGBUS": "bus error, often a full shared memory",
    "SIGILL": "an instruction that this CPU lacks",
    "SIGFPE": "arithmetic error",
    "SIGHUP": "its terminal or parent ended",
    "SIGPIPE": "wrote to what nobody reads any more",
    "SIGSYS": "a system call that its seccomp profile forbids",
    "SIGTRAP": "a trap, often a failed assertion",
}


def in_words(code: int) -> str:
    """What an exit code tells: `SIGSEGV, invalid memory access`; empty where it tells nothing."""
    return _MEANINGS.get(code) or _signal(code)


def _signal(code: int) -> str:
    try:
        name = signal.Signals(code - SIGNALLED).name
    except ValueError:
        return ""
    return f"{name}, {_SIGNALS[name]}" if name in _SIGNALS else name

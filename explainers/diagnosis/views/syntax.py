"""Whether a text is valid in the language that its name says: JSON, TOML, INI or YAML."""

import configparser
import json
import tomllib
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a text of a language, and in which line (from 1; 0 where that is not known)."""

    language: str
    line: int
    said: str


def mistake(name: str, text: str) -> Mistake | None:
    """The first mistake in a text; None where it is valid, or of no language that is known here."""
    match PurePosixPath(name).suffix.lower():
        case ".json":
            return _json(text)
        case ".toml":
            return _toml(text)
        case ".ini" | ".cfg":
            return _ini(text)
        case ".yaml" | ".yml":
            return _yaml(text)
    return None


def _json(text: str) -> Mistake | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return Mistake("JSON", error.lineno, error.msg)
    except RecursionError:
        pass
    return None


def _toml(text: str) -> Mistake | None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said, _, where = str(error).partition(" (at line ")
        line = where.split(",")[0]
        return Mistake("TOML", int(line) if line.isdecimal() else 0, said)
    except RecursionError:
        pass
    return None


def _ini(text: str) -> Mistake | None:
    """Only what no reader of INI files takes: a line that is neither a section nor a setting."""
    try:
        configparser.RawConfigParser(strict=False, allow_no_value=False).read_string(text)
    except configparser.MissingSectionHeaderError:
        return None  # without sections, as many programs read it
    except configparser.ParsingError as error:
        number = error.errors[0][0] if error.errors else 0
        return Mistake("INI", number, "this line is neither a section nor a setting")
    except configparser.Error:
        pass
    return None


def _yaml(text: str) -> Mistake | None:
    """The syntax alone: which tags there are is the program's own matter."""
    import yaml  # a diagnosis seldom needs it

    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return Mistake("YAML", line, error.problem or "it cannot be read")
    except (yaml.YAMLError, RecursionError):
        pass
    return None

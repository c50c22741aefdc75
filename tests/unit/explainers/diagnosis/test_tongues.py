"""Programs under a locale log in their own language and mean the same."""

import pytest

from explainers.diagnosis.logs.connections import Failure, failed_connections
from explainers.diagnosis.logs.lines import telling


@pytest.mark.parametrize(
    ("line", "failure", "host", "port"),
    [
        ("konnte Hostnamen »pg-main« nicht in Adresse übersetzen: Der Name oder der Dienst ist nicht bekannt",
         Failure.NXDOMAIN, "pg-main", 0),
        ("psql: erreur : la connexion au serveur sur « pg » (10.0.0.1), port 5432 a échoué : Connexion refusée",
         Failure.REFUSED, "pg", 5432),
        ("error: no se pudo conectar a cache:6379: Conexión rehusada", Failure.REFUSED, "cache", 6379),
        ("ОШИБКА: http://api:8080/v1: В соединении отказано", Failure.REFUSED, "api", 8080),
        ("curl: (7) orders:80: 连接超时", Failure.TIMEOUT, "orders", 80),
        ("ホスト名「pg」をアドレスに変換できませんでした: 名前またはサービスが不明です",
         Failure.NXDOMAIN, "pg", 0),
    ],
)  # fmt: skip
def test_a_failed_connection_is_understood_and_quoted_as_it_was_said(
    line: str, failure: Failure, host: str, port: int
) -> None:
    (found,) = failed_connections(line)
    assert (found.failure, found.host, found.port) == (failure, host, port)
    assert found.line == line


@pytest.mark.parametrize(
    "line",
    [
        "[错误] 无法读取配置文件 /etc/app.yaml",
        "Fehler: Lizenz ungültig",
        "erreur : fichier de configuration introuvable",
        "не удалось прочитать файл",
        "設定ファイルの読み込みに失敗しました",
    ],
)
def test_the_telling_line_is_found_among_calm_ones(line: str) -> None:
    told = telling(f"start\n{line}\n[信息] 正在退出\nstop")
    assert told is not None
    assert told.line == line
    assert told.weight > 0


def test_a_telling_line_can_be_searched_in_english() -> None:
    told = telling("open /data/x: Keine Berechtigung")
    assert told is not None
    assert told.line.endswith("Keine Berechtigung")
    assert told.english == "open /data/x: Permission denied"

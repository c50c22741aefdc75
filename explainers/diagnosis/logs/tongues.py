"""What the C library says about connections and files, in the languages that servers are often set to.

A program under a locale logs these in its own language; read back as English they mean the same to every rule.
Source: the message catalogues of glibc, https://sourceware.org/git/?p=glibc.git;a=tree;f=po
"""

from collections.abc import Callable

_SAID = {
    "Connection refused": (
        "Verbindungsaufbau abgelehnt", "Verbindung verweigert", "Connexion refusée", "Conexión rehusada",
        "Conexión rechazada", "Connessione rifiutata", "Conexão recusada", "Verbinding is geweigerd",
        "В соединении отказано", "拒绝连接", "连接被拒绝", "接続を拒否されました", "연결이 거부됨",
    ),
    "Name or service not known": (
        "Der Name oder der Dienst ist nicht bekannt", "Nom ou service inconnu", "Nombre o servicio desconocido",
        "Nome o servizio sconosciuto", "Nome ou serviço desconhecido", "Имя или служба не известны",
        "未知的名称或服务", "名前またはサービスが不明です",
    ),
    "Temporary failure in name resolution": (
        "Temporärer Fehler bei der Namensauflösung", "Échec temporaire dans la résolution du nom",
        "Fallo temporal en la resolución del nombre", "Временный сбой в разрешении имен", "域名解析暂时失败",
        "名前解決に一時的に失敗しました",
    ),
    "Connection timed out": (
        "Die Wartezeit für die Verbindung ist abgelaufen", "Connexion terminée par expiration du délai d'attente",
        "Expiró el tiempo de conexión", "Connessione scaduta", "Tempo esgotado para conexão",
        "Время ожидания соединения истекло", "连接超时", "接続がタイムアウトしました",
    ),
    "No such file or directory": (
        "Datei oder Verzeichnis nicht gefunden", "Aucun fichier ou dossier de ce type",
        "No existe el archivo o el directorio", "No existe el fichero o el directorio",
        "File o directory non esistente",
        "Arquivo ou diretório inexistente", "Нет такого файла или каталога", "没有那个文件或目录",
        "そのようなファイルやディレクトリはありません",
    ),
    "Permission denied": (
        "Keine Berechtigung", "Permission non accordée", "Permiso denegado", "Permesso negato", "Permissão negada",
        "Отказано в доступе", "权限不够", "許可がありません", "허가 거부",
    ),
    "No space left on device": (
        "Auf dem Gerät ist kein Speicherplatz mehr verfügbar", "Aucun espace disponible sur le périphérique",
        "No queda espacio en el dispositivo", "На устройстве не осталось свободного места", "设备上没有空间",
        "デバイスに空き領域がありません",
    ),
    "Address already in use": (
        "Die Adresse wird bereits verwendet", "Adresse déjà utilisée", "La dirección ya se está usando",
        "Адрес уже используется", "地址已在使用", "アドレスは既に使用中です",
    ),
}  # fmt: skip


def reader(log: str) -> Callable[[str], str]:
    """What turns these messages of a log's lines into English; the lines of most logs stay as they are."""
    spoken = [(words, said) for said, several in _SAID.items() for words in several if words in log]

    def read(line: str) -> str:
        for words, said in spoken:
            line = line.replace(words, said)
        return line

    return read

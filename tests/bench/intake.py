"""The bot's intake alone in a process of its own, as `tessera serve` is in the cluster: it takes requests only."""

import sys

from pydantic import SecretStr

from bot.cluster.adapter import KubernetesClusters
from bot.http.serving import HttpServer, asked_to_end
from bot.local import policy
from bot.observe.logs import configure_logs
from bot.service import Roles, Service
from bot.settings import Settings


def main(port: str, api_url: str, secret: str, token: str, kubeconfig: str, redis_url: str = "") -> None:
    """Serve until the process is ended; without a Redis, on one in the process."""
    configure_logs("ERROR")
    settings = Settings(
        slack_bot_token=SecretStr(token),
        slack_signing_secret=SecretStr(secret),
        slack_api_url=api_url,
        redis_url=redis_url,
    )
    clusters = KubernetesClusters.connect(kubeconfig)
    http = HttpServer("127.0.0.1", int(port))
    Service(settings, Roles(takes=True, works=False), clusters, policy("shop"), http=http).start()
    asked_to_end().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])

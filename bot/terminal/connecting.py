"""The ports of one command in the terminal: a live cluster with the person's own rights, or a capture."""

from dataclasses import replace
from pathlib import Path

from commands.base.ports import Audience, Services


def live(context: str, audience: Audience, probe_image: str) -> Services:
    """The kubeconfig's cluster. Raises TesseraError when there is none."""
    from bot import wiring
    from commands.base.request import Identity

    return wiring.live_services(wiring.live_clusters(context), Identity(), probe_image, audience)


def live_with_builds(context: str, audience: Audience, probe_image: str) -> Services:
    """The same with the build engine and the state of the settings. Raises UsageError for a wrong setting."""
    from bot import wiring
    from bot.building import builds
    from bot.settings import load
    from bot.state.connect import connect_redis
    from bot.state.memory import MemoryState
    from bot.state.store import RedisState
    from commands.base.request import Identity

    settings = load()
    clusters = wiring.live_clusters(context or settings.context)
    state = RedisState(connect_redis(settings.redis_url)) if settings.redis_url else MemoryState()
    services = wiring.live_services(clusters, Identity(), probe_image, audience, state, builds(settings, state))
    return replace(services, lasting=bool(settings.redis_url))


def live_with_broker(context: str, audience: Audience, probe_image: str) -> Services:
    """The same with the broker of the settings, whose workers do what takes time. Without Redis there is its catalog,
    and nothing can be requested; without TESSERA_BROKER_NAMESPACE there is none. Raises UsageError for a wrong setting.
    """
    from bot import wiring
    from bot.settings import load
    from commands.base.request import Identity

    settings = load()
    if not settings.broker_namespace:
        return live(context or settings.context, audience, probe_image)
    from bot.brokering import brokering
    from bot.state.connect import connect_redis
    from bot.state.store import RedisState

    clusters, redis = wiring.live_clusters(context or settings.context), connect_redis(settings.redis_url)
    made = brokering(settings, clusters, redis, wiring.SystemClock())
    broker, state = made.broker if made else None, RedisState(redis)
    services = wiring.live_services(clusters, Identity(), probe_image, audience, state, broker=broker)
    return replace(services, lasting=bool(settings.redis_url))


def captured(capture: Path, audience: Audience, namespace: str) -> Services:
    """A capture file. Raises UsageError when it is none, or one of another namespace than was typed."""
    from bot import wiring

    return wiring.offline_services(capture, audience, namespace)

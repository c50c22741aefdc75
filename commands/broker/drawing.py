"""From a wish to the record of an instance, with all that will be made; and back from the record to what was wanted."""

import secrets
from dataclasses import replace
from datetime import timedelta

from commands.broker.errors import Malformed
from commands.broker.offered import held_entry
from commands.broker.parts import Parts, new_operation_id
from commands.broker.ports import Blueprint, Order
from commands.broker.records import Doing, Instance, Json, Operation, State
from commands.broker.wishes import ProvisionWish
from explainers.catalog.model import Entry, Generated, NewObjects, Shelf, Template
from explainers.catalog.objects import templates_for
from explainers.catalog.parameters import BadParameters, complete
from explainers.catalog.sources import BadCatalog

_ALPHABET = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""What passwords are made of: nothing that shells, URLs or people take for something else."""


def drawn(parts: Parts, shelf: Shelf, entry: Entry, wish: ProvisionWish, slow: bool) -> Instance:
    """The record of a wish, with what will be made; nothing is stored or made yet."""
    try:
        parameters = complete(entry.schema, wish.parameters)
    except BadParameters as error:
        raise Malformed(str(error), f"the schema of the plan `{entry.plan}` says what it takes") from error
    credentials = _generated(entry)
    order = Order(parts.name, wish.id, entry, wish.namespace, parameters, credentials, _templates(shelf, entry))
    plan = parts.provisioner.draw(order)
    waits = entry.approval
    told = f"waits for approval by the team {entry.team}" if waits else "begun"
    return replace(
        asked(entry, wish),
        state=State.ASKED if waits else State.WORKING,
        operation=Operation(new_operation_id(), Doing.PROVISION, parts.now, told=told, asynchronous=slow),
        things=plan.things,
        created=parts.now,
        expires=_expiry(parts, entry),
        hidden={
            "asked": wish.parameters,
            "parameters": parameters,
            "entry": entry.raw,
            "source": entry.source,
            "credentials": credentials,
            "manifests": list(plan.manifests),
        },
    )


def asked(entry: Entry, wish: ProvisionWish) -> Instance:
    """The record of a wish as it was asked for, before anything is known of how it goes."""
    return Instance(
        wish.id,
        entry.service_id,
        entry.plan_id,
        entry.team,
        entry.offering,
        entry.version,
        wish.namespace,
        wish.name,
        wish.organization,
        wish.space,
        wish.platform,
        wish.by,
        wish.user,
        maintenance=entry.maintenance,
        hidden={"asked": wish.parameters},
    )


def _templates(shelf: Shelf, entry: Entry) -> tuple[Template, ...]:
    """What new objects are made from. Raises Malformed for what its team has to mend."""
    if not isinstance(entry.provision, NewObjects):
        return ()
    try:
        return templates_for(shelf, entry.provision.selector)
    except BadCatalog as error:
        raise Malformed(f"`{entry.title}` cannot be made: {error}", f"the team {entry.team} has to mend it") from error


def _expiry(parts: Parts, entry: Entry) -> str:
    until = parts.clock.now() + timedelta(days=entry.days)
    return until.isoformat(timespec="seconds") if entry.days else ""


def order_of(parts: Parts, record: Instance) -> Order:
    """What the record says was to be made."""
    hidden = record.hidden
    return Order(
        parts.name,
        record.id,
        held_entry(record),
        record.namespace,
        hidden["parameters"],
        hidden["credentials"],
    )


def blueprint(record: Instance) -> Blueprint:
    """What the record says is to be there."""
    return Blueprint(record.things, tuple(record.hidden["manifests"]))


def _generated(entry: Entry) -> Json:
    if not isinstance(entry.credential, Generated):
        return {}
    password = "".join(secrets.choice(_ALPHABET) for _ in range(entry.credential.length))
    username = {"username": entry.credential.username} if entry.credential.username else {}
    return {**username, "password": password}

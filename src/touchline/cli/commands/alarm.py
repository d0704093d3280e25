"""``alarm``: where alarms of the health of the data are sent."""

from functools import partial
from typing import TYPE_CHECKING, Any

from cyclopts import App
from rich.text import Text

from touchline.cli.answer import SCOPE, Answer, Scope
from touchline.cli.clock import now_micros
from touchline.cli.listing import instant, listed, said
from touchline.cli.terminal import visible
from touchline.errors import StorageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.alarming.destinations import Added

alarm = App(name="alarm", help="Manage where alarms of the health of the data are sent.")
add = App(name="add", help="Add a destination.")
alarm.command(add)


@add.command(name="email")
def add_email(address: str, /, *, name: str = "", scope: Scope = SCOPE) -> Answer:
    """Send alarms by mail, through the server that TOUCHLINE_SMTP_HOST names.

    :param address: whom to write to.
    :param name: what the destination is called. Default: email-1, email-2 and so on.
    """
    from touchline.jobs.alarming import destinations

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        added = destinations.add_email(workspace, organization_id, address, name=name, now=now_micros())
    return Answer({"name": added.name, "kind": "email", "address": address}, partial(_added, added, address))


@add.command(name="webhook")
def add_webhook(url: str, /, *, name: str = "", scope: Scope = SCOPE) -> Answer:
    """Send alarms as signed JSON to a URL.

    :param url: an https URL; the hosts in TOUCHLINE_WEBHOOK_HOSTS may be private, and reached by http.
    :param name: what the destination is called. Default: webhook-1, webhook-2 and so on.
    """
    from touchline.jobs.alarming import destinations
    from touchline.jobs.alarming.delivery_settings import delivery_settings
    from touchline.settings import environment

    allowed = delivery_settings(environment()).webhook_hosts
    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        added = destinations.add_webhook(
            workspace, organization_id, url, name=name, allowed=allowed, now=now_micros()
        )  # fmt: skip
    document = {"name": added.name, "kind": "webhook", "address": url, "secret": added.secret}
    return Answer(document, partial(_added, added, url))


def _added(added: "Added", address: str) -> "RenderableType":
    lines = [f"Alarms are sent to {address} ({added.name}). Try it: touchline alarm test {added.name}"]
    if added.secret:
        lines.append(f"The secret under which bodies are signed, shown only now: {added.secret}")
    return Text("\n".join(visible(line) for line in lines))


@alarm.command(name="list")
def list_destinations(*, scope: Scope = SCOPE) -> Answer:
    """List where alarms are sent, and what became of the last delivery."""
    from touchline.ledger import schema

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        found = workspace.ledger.rows(schema.ALARM_DESTINATIONS, organization_id=organization_id)
        sent = workspace.ledger.rows(schema.ALARM_DELIVERIES, organization_id=organization_id)
    rows = [
        {name: row[name] for name in ("name", "kind", "address")}
        | _last([one for one in sent if one["destination"] == row["name"]])
        for row in found
    ]
    return listed("destinations", rows, ("name", "kind", "address", "last_made_at", "last_state", "last_failure"))


def _last(deliveries: list[Any]) -> dict[str, Any]:
    newest: dict[str, Any] = max(deliveries, key=lambda row: row["made_at"], default={})
    return {
        "last_made_at": instant(newest.get("made_at")),
        "last_state": newest.get("state"),
        "last_failure": newest.get("failure"),
    }


@alarm.command(name="remove")
def remove_destination(name: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Send nothing more there.

    :param name: the destination, from `touchline alarm list`.
    """
    from touchline.jobs.alarming import destinations

    with scope.opened() as workspace:
        destinations.remove(workspace, workspace.organization(scope.organization)["organization_id"], name)
    return said({"name": name}, f"Nothing more is sent to {name}.")


@alarm.command(name="test")
def try_destination(name: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Send a test there, now.

    :param name: the destination, from `touchline alarm list`.
    """
    from touchline.jobs.alarming import outbox
    from touchline.jobs.alarming.delivery_settings import delivery_settings
    from touchline.jobs.alarming.failures import DeliveryFailedError
    from touchline.settings import environment

    settings = delivery_settings(environment())
    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        try:
            outbox.send_test(workspace, organization_id, name, settings)
        except DeliveryFailedError as error:
            raise StorageError(f"The test did not arrive. {error}", "Correct it and try again.") from error
    return said({"name": name, "sent": True}, f"The test was sent to {name}.")


COMMAND = alarm

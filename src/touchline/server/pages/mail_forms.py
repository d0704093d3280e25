"""``/views/mail`` and ``/m/TOKEN``: who gets a saved view by mail, and how they end that."""

import re
import time
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from touchline.amounts import counted
from touchline.errors import UnknownError, UsageError
from touchline.jobs import auditing, saved_views, view_mails
from touchline.jobs.keepers import may_send
from touchline.jobs.roles import may
from touchline.jobs.view_mails import ViewMail
from touchline.ledger import Ledger, schema
from touchline.numerals import whole_of
from touchline.server.api.app import Rooms
from touchline.server.api.asking import Person
from touchline.server.http.problems import Problem
from touchline.server.pages.answering import Pages, sign_in_address
from touchline.server.pages.forms import fields_of, sender_of
from touchline.server.pages.keeping import LIST, PATH
from touchline.server.pages.mailed_views import STOP
from touchline.server.pages.rendering import HEADERS, rendered
from touchline.server.pages.responses import Handlers, moved, unkept
from touchline.server.pages.screen import SHAREABLE
from touchline.server.pages.view import View

_MOST_ADDRESSES = 20
"""That one form may name."""
_UNLISTED = {**HEADERS, "cache-control": "private, no-store", "x-robots-tag": "noindex, nofollow"}


def routes(rooms: Rooms, pages: Pages, faults: Handlers) -> list[HTTPRouteHandler]:
    """The handlers."""

    @post([f"{PATH}/mail", f"{PATH}/mail/remove"], include_in_schema=False, exception_handlers=faults)
    async def change(request: Request[Any, Any, Any]) -> Response[bytes]:
        sent = await fields_of(rooms, request)
        return await rooms.reads.answer(lambda: _changed(rooms, pages, request, sent))

    @get(f"{STOP}/{{token:str}}", include_in_schema=False, exception_handlers=faults)
    async def asked(token: FromPath[str]) -> Response[bytes]:
        return await rooms.reads.answer(lambda: _asked(rooms.application.ledger, token))

    @post(f"{STOP}/{{token:str}}", include_in_schema=False, exception_handlers=faults)
    async def stopped(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[bytes]:
        await fields_of(rooms, request)
        return await rooms.reads.answer(lambda: _stopped(rooms.application.ledger, token))

    return [change, asked, stopped]


def _changed(rooms: Rooms, pages: Pages, request: Request[Any, Any, Any], sent: Mapping[str, str]) -> Response[bytes]:
    token, person = sender_of(rooms, request, sent.get("csrf", ""))
    if person is None:
        return moved(sign_in_address(""))
    frame = pages.frame(token, person, LIST, View(org=sent.get("org", "")))
    ledger, organization_id = rooms.application.ledger, frame.organization_id
    if request.scope["path"].endswith("/remove"):
        is_anybodys = may(person.role, "administrator")
        gone = view_mails.remove_mail(ledger, organization_id, sent.get("id", ""), person.name, is_anybodys=is_anybodys)
        _note(ledger, gone, "stopped", auditing.signed_in(person.name))
    else:
        _add(ledger, organization_id, person, sent)
    return moved(frame.view.address(PATH))


def _add(ledger: Ledger, organization_id: str, person: Person, sent: Mapping[str, str]) -> None:
    seen = saved_views.saved_views(ledger, organization_id, person.name)
    view = next((one for one in seen if one.view_id == sent.get("id", "")), None)
    if view is None:
        raise UnknownError("There is no such view.", "Somebody may have removed it.")
    if view.kept.screen not in SHAREABLE:
        raise UnknownError("No mail is sent of this screen: it shows single conversions or persons.")
    addresses = re.split(r"[\s,;]+", sent.get("addresses", "").strip())[: _MOST_ADDRESSES + 1]
    _check(ledger, organization_id, person, addresses)
    hour = whole_of(sent.get("hour", ""))
    number = view_mails.add_mails(
        ledger, view, addresses, owner=person.name, rhythm=sent.get("rhythm", ""), hour=-1 if hour is None else hour,
        now=_now(),
    )  # fmt: skip
    addressed = counted(number, "new address", "new addresses")
    auditing.note(
        ledger, organization_id, "changed", f"view {view.view_id}: sent by mail to {addressed}",
        now=_now(), actor=auditing.signed_in(person.name),
    )  # fmt: skip


def _check(ledger: Ledger, organization_id: str, person: Person, addresses: list[str]) -> None:
    """Refuse addresses to which the person may send nothing.

    :raises UsageError: if there are too many, or no user has one and the person is no administrator.
    """
    if len(addresses) > _MOST_ADDRESSES:
        raise UsageError(f"At most {_MOST_ADDRESSES} addresses can be added at a time.")
    user, users = person._asdict(), ledger.rows(schema.USERS)
    foreign = next((one for one in addresses if not may_send(user, one, organization_id, users)), None)
    if foreign is not None:
        raise UsageError(
            f"{foreign!r:.80} is no address of a user whom you may send to.",
            "Administrators send to any address, editors to users whose name is an address, viewers to their own.",
        )


def _asked(ledger: Ledger, token: str) -> Response[bytes]:
    return _answer("asked", _known(ledger, token))


def _stopped(ledger: Ledger, token: str) -> Response[bytes]:
    gone = _known(ledger, token)
    view_mails.stop(ledger, token)
    _note(ledger, gone, "stopped by who gets it", "who gets the mail")
    return _answer("stopped", gone)


def _known(ledger: Ledger, token: str) -> ViewMail:
    found = view_mails.mail_of(ledger, token)
    if found is None:
        raise Problem(404, "not_found", "This link ends no mail, or the mail has ended.", "Nothing is left to do.")
    return found


def _note(ledger: Ledger, mail: ViewMail, what: str, actor: str) -> None:
    auditing.note(ledger, mail.organization_id, "changed", f"{mail.mail_id} of {mail.view_id}: {what}", now=_now(),
                  actor=actor)  # fmt: skip


def _answer(state: str, mail: ViewMail) -> Response[bytes]:
    body = rendered("stop_mail", state=state, address=mail.address, path=f"{STOP}/{mail.stop_token}")
    return unkept(Response(body, status_code=200, headers=dict(_UNLISTED), media_type="text/html"))


def _now() -> int:
    return time.time_ns() // 1000

"""A saved view as a message: what a link shows of it, its drawings, and its tables as CSV files."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from html import unescape
from urllib.parse import parse_qsl

from touchline.jobs.alarming.delivery_settings import DeliverySettings
from touchline.jobs.alarming.documents import plain
from touchline.jobs.alarming.mails import headed
from touchline.jobs.reporting import answer_of
from touchline.jobs.saved_views import SavedView
from touchline.jobs.view_mails import RHYTHMS, ViewMail
from touchline.jobs.workspace import Workspace
from touchline.reports.catalog import report_named
from touchline.server.api.report_forms import FORMS
from touchline.server.pages.answering import Pages
from touchline.server.pages.mail_body import body_of
from touchline.server.pages.rendering import rendered
from touchline.server.pages.unlinked import unlinked
from touchline.server.pages.view import View

STOP = "/m"
"""Where who knows the token of a mail ends it."""
MOST_FILE_BYTES = 5_000_000
"""Of the CSV files of one mail together; what is over is left out, and the mail says so."""
_CSV = re.compile(r'href="/api/reports/([a-z_]+)\?([^"]*)"')
_OF_ONES = frozenset({"conversions", "accounts"})
"""Reports whose rows are single conversions or customers, which no mail has."""
_LONGEST_SUBJECT = 150


def message_of(pages: Pages, mail: ViewMail, view: SavedView, settings: DeliverySettings) -> EmailMessage:
    """The message; blocks.

    :raises UnknownError: if what the view names is not there any more.
    """
    page = pages.of_nobody(view.kept).decode()
    body = body_of(unlinked(page.encode()).decode())
    files, left_out = _files(pages, mail.organization_id, page)
    public = pages.source.public_url.rstrip("/")
    stop = f"{public}{STOP}/{mail.stop_token}" if public else ""
    address = f"{public}{View.parsed(view.kept.query).address('/' + view.kept.screen)}" if public else ""
    subject = f"{plain(view.kept.name)}: {mail.organization_id}"[:_LONGEST_SUBJECT]
    said = {
        "name": view.kept.name, "rhythm": RHYTHMS[mail.rhythm], "owner": mail.owner, "stop": stop, "address": address,
        "left_out": left_out,
    }  # fmt: skip
    message = headed(mail.address, mail.issue, subject, settings)
    if stop:
        message["List-Unsubscribe"] = f"<{stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(rendered("mail_text", text=body.text, **said).decode())
    message.add_alternative(rendered("mail", body=body.html, **said).decode(), subtype="html")
    *_, html = message.iter_parts()
    for one in body.pictures:
        html.add_related(one.png, "image", "png", cid=f"<{one.name}>", filename=f"{one.name}.png", disposition="inline")
    for name, content in files:
        message.add_attachment(content, "text", "csv", filename=name)
    return message


def _files(pages: Pages, organization_id: str, page: str) -> tuple[list[tuple[str, bytes]], int]:
    """The tables of a page that can be taken away as CSV, and how many are too large."""
    files: list[tuple[str, bytes]] = []
    left_out = 0
    for name, content in _tables(pages, organization_id, page):
        if sum(len(one) for _, one in files) + len(content) > MOST_FILE_BYTES:
            left_out += 1
        else:
            number = sum(known.startswith(name) for known, _ in files)
            files.append((f"{name}-{number + 1}.csv" if number else f"{name}.csv", content))
    return files, left_out


def _tables(pages: Pages, organization_id: str, page: str) -> Iterator[tuple[str, bytes]]:
    asked = dict.fromkeys((name, unescape(query)) for name, query in _CSV.findall(page))
    source = pages.source
    with Workspace(source.home, is_read_only=True, seconds=source.seconds) as workspace:
        for name, query in asked:
            said = dict(parse_qsl(query, keep_blank_values=True))
            if said.pop("format", "") != "csv" or name in _OF_ONES:
                continue
            said.pop("organization", None)
            report = report_named(name)
            found = answer_of(report, workspace, organization_id, **report.choices(said))
            yield name, FORMS["csv"].body(report, found)

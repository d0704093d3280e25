"""Views that are sent by mail, in the river's process: each by one server, in a thread that holds up nothing."""

import threading
import time
from collections import Counter
from collections.abc import Mapping

import structlog

from touchline.amounts import counted
from touchline.errors import TouchlineError, UnknownError, UsageError
from touchline.jobs import view_mails
from touchline.jobs.alarming.delivery_settings import delivery_settings
from touchline.jobs.alarming.failures import DeliveryFailedError
from touchline.jobs.alarming.mails import deliver
from touchline.jobs.keepers import is_mail_kept
from touchline.jobs.saved_views import SavedView, view_of
from touchline.jobs.view_mails import ViewMail
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.http.options import options_from
from touchline.server.pages.answering import Pages, Source
from touchline.server.pages.mailed_views import message_of
from touchline.server.pages.screen import SHAREABLE

JOB = "mails"
"""The name under which the record of jobs has it."""
_CUT_OFF = (
    f"It was begun {view_mails.MOST_ATTEMPTS} times, and the server ended each time: see its memory, and its log."
)

log = structlog.get_logger("touchline.mails")


class Mailer:
    """Sends what is due.

    :param environment: where the mail server and the server's address are named.
    """

    def __init__(self, workspace: Workspace, environment: Mapping[str, str]) -> None:
        self._workspace = workspace
        self._environment = environment
        self._sending: threading.Thread | None = None

    def begin_due(self) -> None:
        """Begin to send what is due, unless that is being done."""
        if self._sending is not None and self._sending.is_alive():
            return
        if view_mails.due_mails(self._workspace.ledger, _now()):
            self._sending = threading.Thread(target=self._send, daemon=True)
            self._sending.start()

    def _send(self) -> None:
        try:
            self.send_due()
        except Exception as error:
            log.exception("mails_not_sent", error=type(error).__name__)

    def send_due(self) -> str:
        """Send what is due, each once, and keep a record of it; returns what became of them, in a sentence."""
        started, status, detail = _now(), "failed", ""
        outcomes: Counter[str] = Counter()
        try:
            for mail in view_mails.due_mails(self._workspace.ledger, _now()):
                outcomes[self._attempted(mail)] += 1
            status = "failed" if outcomes["failed"] else "done"
            detail = f"{counted(outcomes['sent'], 'mail')} sent, {outcomes['failed']:,} failed."
        except TouchlineError as error:
            detail = str(error)[:512]
            log.error("mails_not_sent", error=detail)
        if status == "failed" or outcomes["sent"]:
            with self._workspace.ledger.transaction() as entry:
                entry.add(schema.JOB_RUNS, job=JOB, status=status, detail=detail, started_at=started, ended_at=_now())
        return detail

    def _attempted(self, mail: ViewMail) -> str:
        ledger = self._workspace.ledger
        if not view_mails.claim(ledger, mail, _now()):
            return "taken"
        if mail.attempts >= view_mails.MOST_ATTEMPTS:  # each ended with the process, so none was settled
            view_mails.settle(ledger, mail, _now(), _CUT_OFF)
            log.error("mail_given_up", mail=mail.mail_id, organization=mail.organization_id)
            return "failed"
        failure = ""
        try:
            settings = delivery_settings(self._environment)
            deliver(message_of(self._pages(), mail, self._view(mail), settings), settings)
        except TouchlineError as error:
            failure = error.message
        except DeliveryFailedError as error:
            failure = str(error)
        except Exception as error:
            log.exception("mail_not_made", mail=mail.mail_id)
            failure = f"It could not be made: {type(error).__name__}."
        view_mails.settle(ledger, mail, _now(), failure)
        if failure:
            log.warning("mail_not_sent", mail=mail.mail_id, organization=mail.organization_id, reason=failure)
        return "failed" if failure else "sent"

    def _pages(self) -> Pages:
        options = options_from(self._environment)
        workspace = self._workspace
        return Pages(Source(workspace.home, workspace.ledger, options.report_seconds, options.public_url))

    def _view(self, mail: ViewMail) -> SavedView:
        view = view_of(self._workspace.ledger, mail.organization_id, mail.view_id)
        if view is None or view.kept.screen not in SHAREABLE:
            raise UnknownError("There is no such view any more.", "Stop the mail on the page Saved views.")
        if not is_mail_kept(self._workspace.ledger, mail.owner, mail.address, mail.organization_id):
            raise UsageError(
                "Its owner may no longer send it to this address.", "Stop the mail on the page Saved views."
            )
        return view


def _now() -> int:
    return time.time_ns() // 1000

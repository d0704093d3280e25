"""Mail: one message by SMTP, over TLS unless the operator says otherwise."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate

from touchline.jobs.alarming.delivery_settings import DeliverySettings
from touchline.jobs.alarming.documents import Document, subject_of, text_of
from touchline.jobs.alarming.failures import DeliveryFailedError

SECONDS = 15.0
"""How long the mail server may take for each step."""


def send(address: str, delivery_id: str, sent: Document, settings: DeliverySettings) -> None:
    """Send one delivery.

    :raises DeliveryFailedError: if there is no mail server, or it does not take the message.
    """
    deliver(message_of(address, delivery_id, sent, settings), settings)


def deliver(message: EmailMessage, settings: DeliverySettings) -> None:
    """Send one message.

    :raises DeliveryFailedError: if there is no mail server, or it does not take the message.
    """
    if not settings.smtp_host:
        raise DeliveryFailedError("There is no mail server: set TOUCHLINE_SMTP_HOST.")
    try:
        with _connected(settings) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise DeliveryFailedError(f"The mail server did not take it: {_why(error)}.") from error


def message_of(address: str, delivery_id: str, sent: Document, settings: DeliverySettings) -> EmailMessage:
    """The message; one that is sent again has the same id, by which mail programs show it once."""
    message = headed(address, delivery_id, subject_of(sent), settings)
    message.set_content(text_of(sent))
    return message


def headed(address: str, message_id: str, subject: str, settings: DeliverySettings) -> EmailMessage:
    """A message without a body."""
    message = EmailMessage()
    message["From"], message["To"] = settings.smtp_from, address
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{message_id}@touchline.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    return message


@contextmanager
def _connected(settings: DeliverySettings) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    place = (settings.smtp_host, settings.smtp_port)
    if settings.smtp_security == "tls":
        opened: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=SECONDS, context=context)
    else:
        opened = smtplib.SMTP(*place, timeout=SECONDS)
    with opened as server:
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        yield server


def _why(error: Exception) -> str:
    """What happened, without what the server said: it may repeat what it was sent."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__

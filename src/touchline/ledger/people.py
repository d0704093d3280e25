"""The ledger's tables of people: who may look at what, which views they keep, and what they did."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Table

from touchline.ledger.columns import METADATA, Sequence
from touchline.ledger.columns import micros_column as _micros
from touchline.ledger.columns import text_column as _text

USERS = Table(
    "users", METADATA, _text("name", primary_key=True), _text("password_hash"), _micros("created_at"),
    Column("organization_id", ForeignKey("organizations.organization_id"), nullable=True),
    _text("role", server_default="administrator"),
)  # fmt: skip
"""Who may log in to the server. ``organization_id`` is the only organization that they see; null: all of them.
``role``: what they may do there."""

FIRST_LINKS = Table("first_links", METADATA, _text("token_hash", primary_key=True), _micros("ends_at"))
"""Links with which the first user makes himself, where there is none yet: once, and only until ``ends_at``."""

SERVER_SESSIONS = Table(
    "server_sessions", METADATA, _text("session_hash", primary_key=True),
    Column("name", ForeignKey(USERS.c.name), nullable=False, index=True), _micros("created_at"), _micros("ends_at"),
)  # fmt: skip
"""Who is logged in to the server; of the cookie only a hash is kept."""

SAVED_VIEWS = Table(
    "saved_views", METADATA, _text("view_id", primary_key=True),
    Column("organization_id", ForeignKey("organizations.organization_id"), nullable=False, index=True),
    _text("name"), _text("screen"), _text("query"), _text("owner"), Column("is_shared", Boolean, nullable=False),
    _micros("created_at"),
)  # fmt: skip
"""Names for views of pages: ``query`` of a ``screen``; for its owner alone, or for all who see the organization."""

SHARE_LINKS = Table(
    "share_links", METADATA, _text("link_id", primary_key=True), _text("token_hash", unique=True),
    Column("organization_id", ForeignKey("organizations.organization_id"), nullable=False, index=True),
    _text("name"), _text("screen"), _text("query"), _text("password_hash"), _text("owner"), _micros("created_at"),
    _micros("ends_at"),
)  # fmt: skip
"""Links by which others read one view; of the token only a hash is kept, and a ``password_hash`` of ``""`` is none."""

VIEW_MAILS = Table(
    "view_mails", METADATA, _text("mail_id", primary_key=True),
    Column("organization_id", ForeignKey("organizations.organization_id"), nullable=False, index=True),
    *map(_text, ("view_id", "owner", "address", "rhythm")), Column("hour", Integer, nullable=False), _text("time_zone"),
    _text("stop_token", unique=True), _micros("created_at"), _micros("slot_at"), _micros("due_at"),
    Column("attempts", Integer, nullable=False), _micros("sent_at", nullable=True), _text("failure"),
)  # fmt: skip
"""Saved views that are sent to an ``address``. ``slot_at``: the time of the next one; ``due_at``: of the next attempt
to send it. Who knows the ``stop_token``, which is in each mail, can end them, and do nothing else."""

AUDIT_LOG = Table(
    "audit_log", METADATA, Column("entry", Sequence, primary_key=True, autoincrement=True),
    _micros("at"), *map(_text, ("actor", "action", "organization_id", "detail")), sqlite_autoincrement=True,
)  # fmt: skip
"""Who did what with a person's data or a setting; rows are only added, and end with their time."""

"""The ledger's tables (SQLAlchemy Core). Times are integer microseconds since 1970 (UTC), money is integer micros."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    text,
)  # fmt: skip

from touchline.ledger import columns, people
from touchline.ledger.arrivals import COUNTS as ARRIVAL_COUNTS
from touchline.ledger.columns import Sequence, event_column
from touchline.ledger.columns import micros_column as _micros
from touchline.ledger.columns import text_column as _text
from touchline.tracking_event import EVENT_FIELDS

METADATA = columns.METADATA
AUDIT_LOG = people.AUDIT_LOG
FIRST_LINKS = people.FIRST_LINKS
SAVED_VIEWS = people.SAVED_VIEWS
SERVER_SESSIONS = people.SERVER_SESSIONS
SHARE_LINKS = people.SHARE_LINKS
USERS = people.USERS
VIEW_MAILS = people.VIEW_MAILS

ORGANIZATIONS = Table(
    "organizations", METADATA, _text("organization_id", primary_key=True), _text("name"), _text("currency"),
    _micros("created_at"),
)  # fmt: skip

SITES = Table(
    "sites", METADATA, _text("site_id", primary_key=True),
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), nullable=False),
    _text("name"), _text("domain"), _text("time_zone"), _micros("created_at"),
    UniqueConstraint("organization_id", "domain"),
)  # fmt: skip

SECRETS = Table("secrets", METADATA, _text("name", primary_key=True), _text("value"))
"""``hash_key``: the key of stored hashes (:mod:`touchline.ledger.hash_key`); ``keyed``: how far the rows of an earlier
release have got it (:mod:`touchline.ledger.keying`)."""

KEYS = Table(
    "keys", METADATA, _text("key_id", primary_key=True),
    Column("site_id", ForeignKey(SITES.c.site_id), nullable=False),
    _text("kind"), _text("key_hash", unique=True), _micros("created_at"), _micros("revoked_at", nullable=True),
    _text("scopes", server_default="track"), _text("origins", server_default=text("''")),
)  # fmt: skip
"""``revoked_at`` may lie ahead: a key that is rotated is good until then. ``scopes`` and ``origins`` are words with
spaces between them."""

GOALS = Table(
    "goals", METADATA, Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), primary_key=True),
    _text("goal", primary_key=True), _text("signal_type"), _text("event_type"), _text("event_name"),
    Column("is_milestone", Boolean, nullable=False), _micros("default_value_micros"),
    _text("unverified_handling", server_default="count"), _text("path_owner", server_default="person"),
    Column("retention_exponent", Float, nullable=True),
    UniqueConstraint("organization_id", "event_type", "event_name"),
)  # fmt: skip

TARGETS = Table(
    "targets", METADATA, Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), primary_key=True),
    _text("platform", primary_key=True), _text("campaign_id", primary_key=True),
    _micros("target_cpa_micros", nullable=True), Column("target_roas", Float, nullable=True),
)  # fmt: skip

FINDING_STATES = Table(
    "finding_states", METADATA,
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), primary_key=True),
    _text("finding_id", primary_key=True), _text("state"), Column("until_date", Date, nullable=True), _text("note"),
    _micros("changed_at"),
)  # fmt: skip
"""What people decided about findings of waste, by an id that stays the same whatever the days."""

SETTINGS = Table(
    "settings", METADATA, Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), primary_key=True),
    _text("name", primary_key=True), _text("value"), _micros("changed_at"),
)  # fmt: skip

CHANNEL_RULES = Table(
    "channel_rules", METADATA, _text("name", primary_key=True), _text("content"), _micros("changed_at")
)  # fmt: skip
"""The home's own rules of channels, as the file said that somebody put in: one row, or none."""

OWN_MODELS = Table(
    "own_models", METADATA,
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), primary_key=True),
    _text("model", primary_key=True), _text("definition"), _micros("added_at"),
)  # fmt: skip
"""Attribution models of an organization's own, each as JSON (:func:`touchline.own_models.definition_of`)."""

WITH_ORDER = "substr(event_id, 15, 1) <> '4'"
"""Of SQLite's unique index over event ids; the others, which come in no order, have digests
(:mod:`touchline.ledger.digests`). A query that is to use the index has to say it in the same words."""

TRACKING_EVENTS = Table(
    "tracking_events", METADATA,
    Column("sequence", Sequence, primary_key=True, autoincrement=True),
    *map(event_column, EVENT_FIELDS),
    Index(
        "uq_tracking_events_site_id_event_id", "site_id", "event_id", unique=True,
        sqlite_where=text(WITH_ORDER),
    ),
    sqlite_autoincrement=True,
)  # fmt: skip

REJECTED_EVENTS = Table(
    "rejected_events", METADATA, Column("rejection", Sequence, primary_key=True, autoincrement=True),
    _text("site_id"), _text("event_id", nullable=True), _micros("received_at"), _text("reason"),
    _text("field", nullable=True), _text("message"), _text("source"), _text("payload"),
    sqlite_autoincrement=True,
)  # fmt: skip

UNKEPT_REJECTIONS = Table(
    "unkept_rejections", METADATA, _text("site_id", primary_key=True), _text("reason", primary_key=True),
    Column("minute_at", BigInteger, primary_key=True), Column("count", BigInteger, nullable=False),
)  # fmt: skip
"""How many events were refused in addition to the sample in ``rejected_events``: a flood must not fill the disk."""

UNREAD_FIELDS = Table(
    "unread_fields", METADATA, _text("site_id", primary_key=True), _text("field", primary_key=True),
    Column("counted_at", BigInteger, primary_key=True), Column("count", BigInteger, nullable=False),
)  # fmt: skip
"""How many events had a field that nothing reads, by its name: the server's by day, an import's by its time."""

ARRIVALS = Table(
    "arrivals", METADATA, _text("site_id", primary_key=True), Column("counted_at", BigInteger, primary_key=True),
    Column("slot", BigInteger, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in ARRIVAL_COUNTS),
)  # fmt: skip
"""What arrived over HTTP, by site and day (UTC): :mod:`touchline.ledger.arrivals`."""

CONSENTS = Table(
    "consents", METADATA, _text("consent_id", primary_key=True),
    Column("site_id", ForeignKey(SITES.c.site_id), nullable=False),
    _text("choice"), _text("visitor_id", nullable=True), _text("text_version", nullable=True),
    _text("purposes", nullable=True), _text("source", nullable=True), _micros("said_at"), _micros("received_at"),
    _micros("carried_out_at", nullable=True), Index("ix_consents_visitor_id", "site_id", "visitor_id"),
)  # fmt: skip
"""What visitors agreed to, and took back. ``carried_out_at``: when what was kept of the id was erased for it."""

ERASURES = Table(
    "erasures", METADATA, Column("erasure", Sequence, primary_key=True, autoincrement=True),
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), nullable=False),
    _text("identifier"), _micros("requested_at"), Index("ix_erasures_organization_id", "organization_id", "identifier"),
    sqlite_autoincrement=True,
)  # fmt: skip

ERASURE_REQUESTS = Table(
    "erasure_requests", METADATA, Column("request", Sequence, primary_key=True, autoincrement=True),
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), nullable=False),
    _text("phase"), _micros("requested_at"), _micros("happened_before", nullable=True), _text("named"),
    Column("is_proven_only", Boolean, nullable=False),
    *(
        Column(name, BigInteger, nullable=False, server_default=text("0"))
        for name in (
            "decided_event", "last_event", "last_rejection", "last_claim",
            "done_event", "done_rejection", "done_claim", "events", "rejected", "claims",
        )
    ),
    _micros("worked_at"), sqlite_autoincrement=True,
)  # fmt: skip
"""What is to be deleted, how far that is, and how much went. ``happened_before`` is a retention period's; a person's
request has the identifiers that were ``named``, as JSON, until it is done. ``last_…`` are the numbers up to which rows
are looked at, ``done_…`` those up to which they were; ``decided_event`` is the newest event when it was decided: of
what came later, only what had happened by ``requested_at`` goes."""

ERASURE_NAMES = Table(
    "erasure_names", METADATA, Column("request", Sequence, primary_key=True, autoincrement=False),
    _text("identifier", primary_key=True),
)  # fmt: skip
"""Whose rows an open request deletes; empty where none is open."""

ERASURE_ORDERS = Table(
    "erasure_orders", METADATA, Column("request", Sequence, primary_key=True, autoincrement=False),
    _text("site_id", primary_key=True), _text("order_id", primary_key=True),
    Column("is_proven", Boolean, nullable=False), Column("is_shared", Boolean, nullable=False),
)  # fmt: skip
"""The orders that events of an open request's person name; ``is_proven``: a verified one does; ``is_shared``: so does
an event of somebody else, and nothing goes for its sake."""

IDENTITY_CLAIMS = Table(
    "identity_claims", METADATA, Column("claim", Sequence, primary_key=True, autoincrement=True),
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), nullable=False),
    _text("identifier"), _text("linked_identifier"), _micros("claimed_at"), _text("source"),
    UniqueConstraint("organization_id", "identifier", "linked_identifier", "source"), sqlite_autoincrement=True,
)  # fmt: skip

WITHDRAWN_CLAIMS = Table(
    "withdrawn_claims", METADATA, Column("tombstone", Sequence, primary_key=True, autoincrement=True),
    Column("claim", Sequence, nullable=False), sqlite_autoincrement=True,
)  # fmt: skip
"""The numbers of the claims that were withdrawn or erased: what the engine follows, and nothing of anybody."""

REJECTED_CLAIMS = Table(
    "rejected_claims", METADATA, Column("rejection", Sequence, primary_key=True, autoincrement=True),
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), nullable=False), _micros("received_at"),
    _text("reason"), _text("field", nullable=True), _text("message"), _text("source"), sqlite_autoincrement=True,
)  # fmt: skip
"""Where a refused claim stood and what is wrong with it. What it said is not kept: it is names of people."""

AD_COST_LOADS = Table(
    "ad_cost_loads", METADATA, Column("load_number", Sequence, primary_key=True, autoincrement=True),
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), nullable=False),
    _text("source"), _text("file_name"), _text("file_hash"), _micros("loaded_at"),
    Column("accepted", Integer, nullable=False), Column("rejected", Integer, nullable=False),
    _text("format", nullable=True), _text("level", nullable=True), _text("time_zone", nullable=True),
    Column("spread_start", Date), Column("spread_end", Date),
    sqlite_autoincrement=True,
)  # fmt: skip
"""``format`` and ``level``: which export it was, and what a row is the cost of; totals of ``spread_start`` to
``spread_end`` were spread evenly over these days."""

AD_COST_ROWS = Table(
    "ad_cost_rows", METADATA, Column("row_number", Sequence, primary_key=True, autoincrement=True),
    Column("load_number", ForeignKey(AD_COST_LOADS.c.load_number), nullable=False, index=True),
    Column("cost_date", Date, nullable=False),
    *(
        _text(name)
        for name in (
            "platform", "account_id", "campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name",
            "currency",
        )
    ),
    _micros("impressions"), _micros("clicks"), _micros("spend_micros"),
    _text("country", nullable=True), _text("region", nullable=True),
    _micros("platform_conversion_micros", nullable=True), _micros("platform_value_micros", nullable=True),
    Column("spread_days", Integer), _text("exchange_rate", nullable=True), _micros("reporting_micros", nullable=True),
    _micros("reporting_value_micros", nullable=True),
    sqlite_autoincrement=True,
)  # fmt: skip

EXCHANGE_RATES = Table(
    "exchange_rates", METADATA,
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), primary_key=True),
    Column("rate_date", Date, primary_key=True), _text("base", primary_key=True), _text("quote", primary_key=True),
    _text("rate"), _micros("loaded_at"),
)  # fmt: skip
"""``rate`` units of ``quote`` for one of ``base``, in decimal digits."""

REPORTING_RATES = Table(
    "reporting_rates", METADATA, Column("number", Sequence, primary_key=True, autoincrement=True),
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), nullable=False, index=True),
    _text("currency"), Column("rate_date", Date, nullable=False), _text("rate"),
    _micros("rate_units"), _micros("rate_scale"), sqlite_autoincrement=True,
)  # fmt: skip
"""What one unit of ``currency`` is worth in the organization's on a day: ``rate``, which is ``rate_units`` by
``rate_scale``. The newest of a day stands; rows are only added, so that a run can follow them."""

PLATFORMS = Table(
    "platforms", METADATA,
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), primary_key=True),
    _text("platform", primary_key=True),
)  # fmt: skip
"""Codes of ad platforms that an organization made known."""

CAMPAIGN_ALIASES = Table(
    "campaign_aliases", METADATA,
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), primary_key=True),
    _text("platform", primary_key=True), _text("alias", primary_key=True), _text("campaign_id"),
)  # fmt: skip
"""Further names, in small letters, by which an organization's links name a campaign."""

COST_SITES = Table(
    "cost_sites", METADATA,
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), primary_key=True),
    *(_text(name, primary_key=True) for name in ("platform", "account_id", "campaign_id")),
    Column("site_id", ForeignKey(SITES.c.site_id), nullable=False),
)  # fmt: skip
"""Which site costs are of: those of a campaign in one account, of a campaign in any account (``""``), or of an
account's campaigns (``""``) that are not named themselves."""

LIFT_FACTORS = Table(
    "lift_factors", METADATA,
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), primary_key=True),
    *(_text(name, primary_key=True) for name in ("channel", "platform", "campaign_id", "model")),
    Column("start_date", Date, primary_key=True), Column("end_date", Date, nullable=True),
    Column("factor", Float, nullable=False), Column("low", Float, nullable=True), Column("high", Float, nullable=True),
    _text("source"),
)  # fmt: skip
"""What lift tests found: how many conversions a channel or a campaign caused, per conversion credited to it."""

REJECTED_AD_COSTS = Table(
    "rejected_ad_costs", METADATA, Column("rejection", Sequence, primary_key=True, autoincrement=True),
    Column("load_number", ForeignKey(AD_COST_LOADS.c.load_number), nullable=False, index=True),
    _text("reason"), _text("field"), _text("message"), _text("source"), _text("payload"), sqlite_autoincrement=True,
)  # fmt: skip

JOB_RUNS = Table(
    "job_runs", METADATA, Column("job_run", Sequence, primary_key=True, autoincrement=True),
    _text("job"), _micros("started_at"), _micros("ended_at", nullable=True), _text("status"), _text("detail"),
    sqlite_autoincrement=True,
)  # fmt: skip

RUNS = Table(
    "runs", METADATA, Column("started_at", BigInteger, primary_key=True, autoincrement=False), _micros("ended_at"),
    _text("why"),
    *(_micros(name) for name in ("events", "cost_rows", "claims", "withdrawn", "erased", "rows_written")),
)  # fmt: skip
"""Runs that had something to do: how much was new, how much was written, and why all was computed again (``why``)."""

RUN_CHANGES = Table(
    "run_changes", METADATA, Column("started_at", BigInteger, primary_key=True, autoincrement=False),
    *(_text(name, primary_key=True) for name in ("organization_id", "reason", "channel")),
    _micros("conversions", nullable=True), _micros("credit_before"), _micros("credit_after"),
)  # fmt: skip
"""What each of these runs changed; it names no conversion and no person."""

FITS = Table(
    "fits", METADATA, _text("fit_id", primary_key=True),
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), nullable=False),
    _text("kind"), Column("version", Integer, nullable=False), Column("window_start", Date, nullable=False),
    Column("window_end", Date, nullable=False), _micros("made_at"),
    UniqueConstraint("organization_id", "kind", "window_end", "version"),
)  # fmt: skip
"""What was fitted over everybody in a closed window; never changed, only followed by a later version."""

FIT_VALUES = Table(
    "fit_values", METADATA, Column("fit_id", ForeignKey(FITS.c.fit_id), primary_key=True),
    *(_text(name, primary_key=True) for name in ("site_id", "name", "statistic")),
    Column("value", Float, nullable=False),
)  # fmt: skip

FIT_SCHEDULES = Table(
    "fit_schedules", METADATA,
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), primary_key=True),
    _text("kind", primary_key=True), _text("every"), Column("days", Integer, nullable=False), _text("order"),
    _micros("tried_at", nullable=True), _text("refusal"),
)  # fmt: skip
"""Which fits are made of every week or month, and what became of the last try."""

HEALTH_NOTES = Table(
    "health_notes", METADATA, Column("note_id", Sequence, primary_key=True, autoincrement=True),
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), nullable=False, index=True),
    _text("site_id"), Column("period", Date, nullable=False), _text("said"), _micros("noted_at"),
    sqlite_autoincrement=True,
)  # fmt: skip
"""What people noted about days; an empty ``site_id`` is every site."""

HEALTH_ALARMS = Table(
    "health_alarms", METADATA,
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), primary_key=True),
    _text("alarm_id", primary_key=True), *map(_text, ("site_id", "measure", "goal", "direction")),
    Column("since", Date, nullable=False), Column("until", Date, nullable=False),
    _micros("raised_at"), _micros("closed_at", nullable=True), _micros("notified_at", nullable=True),
    _micros("acknowledged_at", nullable=True), _text("acknowledged_by"), _text("note"),
    Column("muted_until", Date, nullable=True),
)  # fmt: skip
"""What broke, under an id that stays. ``closed_at``: it is over; ``notified_at``: it is in the outbox."""

ALARM_DESTINATIONS = Table(
    "alarm_destinations", METADATA,
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), primary_key=True),
    _text("name", primary_key=True), *map(_text, ("kind", "address", "key_hash")), _micros("added_at"),
)  # fmt: skip
"""Where alarms are sent; under ``key_hash`` a webhook's body is signed."""

ALARM_DELIVERIES = Table(
    "alarm_deliveries", METADATA, _text("delivery_id", primary_key=True),
    Column("organization_id", ForeignKey(ORGANIZATIONS.c.organization_id), nullable=False, index=True),
    _text("destination"), _text("state"), _text("document"), Column("attempts", Integer, nullable=False),
    _micros("made_at"), Column("due_at", BigInteger, nullable=False, index=True), _micros("done_at", nullable=True),
    _text("failure"),
)  # fmt: skip
"""The outbox: what is to be sent (``waiting``), was sent, failed for the last time, or was dropped."""

UNFINISHED_IMPORTS = Table(
    "unfinished_imports", METADATA, _text("import_id", primary_key=True),
    Column("site_id", ForeignKey(SITES.c.site_id), nullable=False),
    Column("stored", BigInteger, nullable=False), _micros("begun_at"),
)  # fmt: skip
"""How many rows are stored of each import of events that has not come to its end."""

ERASED_EVENTS = Table(
    "erased_events", METADATA, Column("tombstone", Sequence, primary_key=True, autoincrement=True),
    Column("erasure", Sequence, nullable=False), Column("sequence", Sequence, nullable=False),
    sqlite_autoincrement=True,
)  # fmt: skip
"""The numbers of the events that an erasure, or a verified report of the same id, took away: what the engine follows,
and nothing of anybody."""

SUPERSEDED = 0
"""The ``erasure`` of an unverified event whose place a verified one took; erasures count from one."""

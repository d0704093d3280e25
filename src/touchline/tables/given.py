"""What the ledger was given: copies that the engine follows by number."""

from touchline.table import Column, Kind, Table, table
from touchline.tracking_event import EVENT_FIELDS, Mark

TRACKING_EVENTS = Table(
    "tracking_events",
    (
        Column("organization_id", Kind.TEXT, is_nullable=False),
        *(field.column for field in EVENT_FIELDS if Mark.LEDGER_ONLY not in field.marks),
        Column("sequence", Kind.INTEGER, is_nullable=False),
    ),
    key=("site_id", "event_id"),
    unit=("identifier",),
    sought=(("organization_id", "identifier"), ("site_id", "order_id")),
    looked_up=(("sequence",),),
)

IDENTITY_CLAIMS = table(
    "identity_claims",
    """
    text: organization_id identifier linked_identifier source
    time: claimed_at
    int: claim
    """,
    key="claim",
    unit="organization_id identifier",
    sought="organization_id identifier",
)

COST_ROWS = table(
    "cost_rows",
    """
    text: organization_id source account_id
    date: cost_date
    text: platform campaign_id campaign_name adset_id adset_name ad_id ad_name currency
    int: impressions clicks spend_micros load_number
    text: country? region?
    int: platform_conversion_micros? platform_value_micros? spread_days?
    text: exchange_rate?
    int: reporting_micros? reporting_value_micros?
    """,
    key="",
    unit="load_number organization_id source account_id cost_date platform",
)
"""A report may have the same ad's day in several rows, even equal ones."""

REPORTING_RATES = table(
    "reporting_rates",
    """
    text: organization_id currency
    date: rate_date
    text: rate
    int: rate_units rate_scale number
    """,
    key="number",
)
"""What one unit of a currency was worth in the organization's; the newest row of a day stands."""

ERASED_EVENTS = table("erased_events", "int: tombstone sequence", key="tombstone")
"""The numbers of events that the ledger has no more: an erasure or a retention period took them."""

WITHDRAWN_CLAIMS = table("withdrawn_claims", "int: tombstone claim", key="tombstone")
"""The numbers of identity claims that the ledger has no more: they were withdrawn, or erased."""

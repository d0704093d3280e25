"""Who is who: the tables of the stage ``identity``."""

from touchline.table import table

IDENTITY_PAIRS = table(
    "identity_pairs",
    """
    text: organization_id identifier linked_identifier
    time: first_seen_at
    int: event_count claim_count
    bool: is_verified is_blocked is_separated
    text: tier source
    """,
    key="organization_id identifier linked_identifier",
    unit="organization_id identifier",
    sought="organization_id identifier, organization_id linked_identifier",
)
"""What events and claims show of two identifiers; which of it is believed is in ``identity_edges``."""

IDENTITY_SIGHTINGS = table(
    "identity_sightings",
    """
    text: organization_id identifier linked_identifier
    time: observed_at
    text: tier
    """,
    key="organization_id identifier linked_identifier observed_at tier",
    unit="organization_id identifier",
    sought="organization_id identifier",
)
"""When an identifier began to show other names than before; of one that always shows the same, nothing stands here."""

IDENTIFIERS = table(
    "identifiers",
    """
    text: organization_id identifier
    time: first_seen_at
    int: unverified_users unverified_emails unverified_visitors verified_users verified_emails verified_visitors
    text: crowded_by
    """,
    key="organization_id identifier",
    sought="organization_id identifier",
)

COMPONENTS = table(
    "components",
    "text: organization_id identifier component",
    key="organization_id identifier",
    sought="organization_id identifier, organization_id component",
)

PARTS = table(
    "parts",
    """
    text: organization_id identifier
    int: period_number
    time: valid_from? valid_until?
    text: part
    """,
    key="organization_id identifier period_number",
    unit="organization_id identifier",
    sought="organization_id identifier",
)
"""Of components that hold several user ids or e-mail hashes: whose each identifier is, and when."""

REFUSED_PAIRS = table(
    "refused_pairs",
    "text: organization_id identifier linked_identifier reason",
    key="organization_id identifier linked_identifier",
    unit="organization_id identifier",
    sought="organization_id identifier",
)
"""Of the same components: the pairs that join nobody."""

IDENTITY_EDGES = table(
    "identity_edges",
    """
    text: organization_id identifier linked_identifier
    time: first_seen_at
    int: event_count claim_count
    bool: is_verified is_refused
    text: tier source reason
    """,
    key="organization_id identifier linked_identifier",
    unit="organization_id identifier",
    sought="organization_id identifier",
)

IDENTITIES = table(
    "identities",
    """
    text: organization_id identifier~ person_id~
    int: period_number
    time: valid_from? valid_until? first_seen_at
    text: tier
    """,
    key="organization_id identifier period_number",
    unit="organization_id identifier",
    sought="person_id, organization_id identifier",
)

MERGED_ACCOUNTS = table(
    "merged_accounts",
    "text: organization_id account_id main_account_id",
    key="organization_id account_id",
)
"""Of accounts that claims say are one: the one whose name all of them bear, the smallest."""

ACCOUNT_MEMBERS = table(
    "account_members",
    """
    text: organization_id account_id person_id~
    time: first_seen_at
    int: event_count claim_count
    bool: is_verified is_only
    """,
    key="organization_id account_id person_id",
    unit="person_id",
    sought="person_id, organization_id account_id",
)
"""Which persons act for which account."""

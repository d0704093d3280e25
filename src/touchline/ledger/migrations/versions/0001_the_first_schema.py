"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    is_by_month = op.get_context().dialect.name == "postgresql"
    op.create_table(
        "job_runs",
        sa.Column("job_run", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("job", TEXT, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("job_run", name=op.f("pk_job_runs")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "organizations",
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_organizations")),
    )
    op.create_table(
        "rejected_events",
        sa.Column(
            "rejection", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("site_id", TEXT, nullable=False),
        sa.Column("event_id", TEXT, nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("field", TEXT, nullable=True),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("rejection", name=op.f("pk_rejected_events")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tracking_events",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", TEXT, nullable=False),
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("identifier", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("visitor_id", TEXT, nullable=True),
        sa.Column("session_id", TEXT, nullable=True),
        sa.Column("user_id", TEXT, nullable=True),
        sa.Column("email_hash", TEXT, nullable=True),
        sa.Column("is_email_verified", sa.Boolean(), nullable=False),
        sa.Column("account_id", TEXT, nullable=True),
        sa.Column("url", TEXT, nullable=True),
        sa.Column("path", TEXT, nullable=True),
        sa.Column("title", TEXT, nullable=True),
        sa.Column("page_domain", TEXT, nullable=True),
        sa.Column("referrer", TEXT, nullable=True),
        sa.Column("referrer_host", TEXT, nullable=True),
        sa.Column("referrer_domain", TEXT, nullable=True),
        sa.Column("utm_source", TEXT, nullable=True),
        sa.Column("utm_medium", TEXT, nullable=True),
        sa.Column("utm_campaign", TEXT, nullable=True),
        sa.Column("utm_term", TEXT, nullable=True),
        sa.Column("utm_content", TEXT, nullable=True),
        sa.Column("utm_id", TEXT, nullable=True),
        sa.Column("click_ids", TEXT, nullable=True),
        sa.Column("click_id_names", TEXT, nullable=True),
        sa.Column("campaign_ref", TEXT, nullable=True),
        sa.Column("adset_ref", TEXT, nullable=True),
        sa.Column("ad_ref", TEXT, nullable=True),
        sa.Column("value_micros", sa.BigInteger(), nullable=True),
        sa.Column("currency", TEXT, nullable=True),
        sa.Column("order_id", TEXT, nullable=True),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("consent", TEXT, nullable=True),
        sa.Column("user_agent", TEXT, nullable=True),
        sa.Column("ip_hash", TEXT, nullable=True),
        sa.Column("city", TEXT, nullable=True),
        sa.Column("district", TEXT, nullable=True),
        sa.Column("survey_answer", TEXT, nullable=True),
        sa.Column("properties", TEXT, nullable=True),
        sa.Column("payload_hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint(
            *(["sequence", "received_at"] if is_by_month else ["sequence"]), name=op.f("pk_tracking_events")
        ),
        sqlite_autoincrement=True,
        postgresql_partition_by="range (received_at)",
    )
    if is_by_month:
        _keep_keys_beside_the_months()
    else:
        op.create_index("uq_tracking_events_site_id_event_id", "tracking_events", ["site_id", "event_id"], unique=True)

    op.create_table(
        "ad_cost_loads",
        sa.Column(
            "load_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("file_name", TEXT, nullable=False),
        sa.Column("file_hash", TEXT, nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name=op.f("fk_ad_cost_loads_organization_id")
        ),
        sa.PrimaryKeyConstraint("load_number", name=op.f("pk_ad_cost_loads")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "erasures",
        sa.Column("erasure", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("identifier", TEXT, nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name=op.f("fk_erasures_organization_id")
        ),
        sa.PrimaryKeyConstraint("erasure", name=op.f("pk_erasures")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "goals",
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("goal", TEXT, nullable=False),
        sa.Column("signal_type", TEXT, nullable=False),
        sa.Column("event_type", TEXT, nullable=False),
        sa.Column("event_name", TEXT, nullable=False),
        sa.Column("is_milestone", sa.Boolean(), nullable=False),
        sa.Column("default_value_micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name=op.f("fk_goals_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "goal", name=op.f("pk_goals")),
        sa.UniqueConstraint(
            "organization_id", "event_type", "event_name", name=op.f("uq_goals_organization_id_event_type_event_name")
        ),
    )
    op.create_table(
        "identity_claims",
        sa.Column("claim", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("identifier", TEXT, nullable=False),
        sa.Column("linked_identifier", TEXT, nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name=op.f("fk_identity_claims_organization_id")
        ),
        sa.PrimaryKeyConstraint("claim", name=op.f("pk_identity_claims")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "settings",
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name=op.f("fk_settings_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "name", name=op.f("pk_settings")),
    )
    op.create_table(
        "sites",
        sa.Column("site_id", TEXT, nullable=False),
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("domain", TEXT, nullable=False),
        sa.Column("time_zone", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name=op.f("fk_sites_organization_id")
        ),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_sites")),
        sa.UniqueConstraint("organization_id", "domain", name=op.f("uq_sites_organization_id_domain")),
    )
    op.create_table(
        "targets",
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("campaign_id", TEXT, nullable=False),
        sa.Column("target_cpa_micros", sa.BigInteger(), nullable=True),
        sa.Column("target_roas", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name=op.f("fk_targets_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "platform", "campaign_id", name=op.f("pk_targets")),
    )
    op.create_table(
        "ad_cost_rows",
        sa.Column(
            "row_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("load_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cost_date", sa.Date(), nullable=False),
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("campaign_id", TEXT, nullable=False),
        sa.Column("campaign_name", TEXT, nullable=False),
        sa.Column("adset_id", TEXT, nullable=False),
        sa.Column("adset_name", TEXT, nullable=False),
        sa.Column("ad_id", TEXT, nullable=False),
        sa.Column("ad_name", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("impressions", sa.BigInteger(), nullable=False),
        sa.Column("clicks", sa.BigInteger(), nullable=False),
        sa.Column("spend_micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["load_number"], ["ad_cost_loads.load_number"], name=op.f("fk_ad_cost_rows_load_number")
        ),
        sa.PrimaryKeyConstraint("row_number", name=op.f("pk_ad_cost_rows")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("ad_cost_rows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ad_cost_rows_load_number"), ["load_number"], unique=False)

    op.create_table(
        "keys",
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("site_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("key_hash", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name=op.f("fk_keys_site_id")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_keys_key_hash")),
    )
    op.create_table(
        "rejected_ad_costs",
        sa.Column(
            "rejection", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("load_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["load_number"], ["ad_cost_loads.load_number"], name=op.f("fk_rejected_ad_costs_load_number")
        ),
        sa.PrimaryKeyConstraint("rejection", name=op.f("pk_rejected_ad_costs")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("rejected_ad_costs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rejected_ad_costs_load_number"), ["load_number"], unique=False)


def _keep_keys_beside_the_months() -> None:
    """Make event ids unique over all partitions, which no unique index of a partitioned table can."""
    op.create_table(
        "event_keys",
        sa.Column("site_id", TEXT, nullable=False),
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("payload_hash", TEXT, nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "event_id", name=op.f("pk_event_keys")),
    )
    op.execute("""
        create function forget_event_keys() returns trigger language plpgsql as $$
        begin
            delete from event_keys as k using gone as g where k.site_id = g.site_id and k.event_id = g.event_id;
            return null;
        end
        $$
    """)
    op.execute("""
        create trigger forget_event_keys after delete on tracking_events
        referencing old table as gone for each statement execute function forget_event_keys()
    """)

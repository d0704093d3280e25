"""dbt projects as manifests: one in the manner of a company that pays for ads, and one of each other kind."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

PAID_BUDGET: Mapping[str, str] = {
    "models/staging/stg_posthog__events_filtered.sql": """
        -- Clean events: one per uuid, bots flagged by their user agent.
        select uuid, event, distinct_id, timestamp as event_at, properties:session_id as session_id,
          regexp_like(lower(properties:user_agent), '.*(bot|crawl|spider).*') as is_bot
        from {{ source('posthog', 'events') }}
        where event in ('$pageview', 'payment_succeeded', 'user_created') and not is_bot
        qualify row_number() over (partition by uuid order by timestamp) = 1
    """,
    "models/staging/stg_posthog__person_identity.sql": """
        select person_id, properties:email::string as email, properties:kilo_user_id::string as kilo_user_id,
          created_at as posthog_created_at, version as person_version,
          properties:initial_gclid::string as initial_gclid, properties:gclid::string as gclid,
          properties:initial_fbclid::string as initial_fbclid,
          properties:initial_utm_source::string as initial_utm_source,
          properties:utm_source::string as utm_source,
          properties:initial_referring_domain::string as initial_referring_domain
        from {{ source('posthog', 'persons') }}
    """,
    "models/staging/stg_posthog__sessions.sql": "select * from {{ source('posthog', 'sessions') }}",
    "models/staging/stg_kilocode__user_identity.sql": """
        select id as kilo_user_id, email, email_verified, created_at from {{ source('backend', 'kilocode_users') }}
    """,
    "models/staging/stg_backend__kilocode_users.sql": """
        select id as user_id, created_at,
          case when regexp_like(customer_source, '.*(youtube|video).*', 'i') then 'youtube'
               when regexp_like(customer_source, '.*(google|search).*', 'i') then 'google' else 'other' end
            as customer_source_class
        from {{ source('backend', 'kilocode_users') }}
    """,
    "models/staging/stg_backend__stytch_fingerprints.sql": """
        select fingerprint_id, user_id, count(distinct visitor_id) as visitors
        from {{ source('backend', 'stytch_fingerprints') }} group by 1, 2
    """,
    "models/staging/stg_backend__http_user_agent.sql": """
        select id, http_user_agent as user_agent,
          case when http_user_agent ilike '%mobile%' then 'mobile' else 'desktop' end as device_type
        from {{ source('backend', 'http_user_agent') }}
    """,
    "models/identity/int_identity__resolution.sql": """
        /* Seven tiers, the strongest first. */
        select coalesce(k.kilo_user_id, p.person_id) as canonical_user_id, p.person_id, k.kilo_user_id,
          case when p.kilo_user_id = k.kilo_user_id then 'strong_id'
               when p.email = k.email and k.email_verified then 'email_validated_user_id'
               when k.kilo_user_id is null then 'unresolved_posthog'
               else 'unresolved_kilocode' end as match_tier
        from {{ ref('stg_posthog__person_identity') }} p
        full outer
          join {{ ref('stg_kilocode__user_identity') }} k on p.kilo_user_id = k.kilo_user_id or p.email = k.email
    """,
    "models/identity/int_posthog__person_collapsed.sql": """
        select canonical_user_id, min_by(person_id, posthog_created_at) as person_id,
          min_by(initial_gclid, posthog_created_at) as initial_gclid, count(*) as merged_persons
        from {{ ref('stg_posthog__person_identity') }} join {{ ref('int_identity__resolution') }} using (person_id)
        group by canonical_user_id
    """,
    "models/identity/int_user_id__to_person_id.sql": """
        select canonical_user_id as user_id, person_id from {{ ref('int_identity__resolution') }}
    """,
    "models/identity/int_person_id__to_distinct_id.sql": """
        -- device graph mapping: which devices (device_id) does a person use
        select distinct person_id, distinct_id from {{ source('posthog', 'person_distinct_ids') }}
    """,
    "models/identity/int_user_id__to_distinct_id.sql": """
        select u.user_id, d.distinct_id
        from {{ ref('int_user_id__to_person_id') }} u
          join {{ ref('int_person_id__to_distinct_id') }} d using (person_id)
    """,
    "models/marts/canonical_users.sql": """
        select r.canonical_user_id as user_id, c.initial_gclid, r.match_tier, b.customer_source_class,
          case when c.initial_gclid is not null then 'Google Ads'
               when a.initial_fbclid is not null then 'Meta Ads'
               when a.utm_source = 'reddit' then 'Reddit Ads'
               else 'Organic/Direct' end as paid_acquisition_channel
        from {{ ref('int_identity__resolution') }} r
        left join {{ ref('int_posthog__person_collapsed') }} c using (canonical_user_id)
        left join {{ ref('int_user__attribution_resolved') }} a on a.user_id = r.canonical_user_id
        left join {{ ref('stg_backend__kilocode_users') }} b on b.user_id = r.canonical_user_id
        qualify row_number() over (partition by r.canonical_user_id order by r.match_tier) = 1
    """,
    "models/events/int_conversion_events__posthog.sql": """
        select distinct_id, event_at,
          case when event = 'user_created' then 'signup'
               when event = 'payment_succeeded' then 'payment'
               when event = '$pageview' then 'pageview' end as signal_type
        from {{ ref('stg_posthog__events_filtered') }}
    """,
    "models/events/int_conversion_events__synthetic_daily.sql": """
        select user_id, day as event_at, power(datediff('day', started_at, day) + 1, -0.5) as conversion_value
        from {{ ref('int_user__event_firsts') }} join {{ ref('days') }} on day >= started_at
    """,
    "models/events/int_user__event_firsts.sql": """
        select user_id, min(case when signal_type = 'signup' then event_at end) as started_at,
          min(case when signal_type = 'payment' then event_at end) as first_payment_at
        from {{ ref('int_conversion_events__posthog') }}
          join {{ ref('int_user_id__to_distinct_id') }} using (distinct_id)
        group by user_id
    """,
    "models/events/int_user__website_visits.sql": """
        select user_id, event_at as visited_at, session_id
        from {{ ref('stg_posthog__events_filtered') }}
          join {{ ref('int_user_id__to_distinct_id') }} using (distinct_id)
        where event = '$pageview'
    """,
    "models/attribution/int_user_id__attribution_history.sql": """
        select user_id, person_version, utm_source, gclid, initial_fbclid, updated_at,
          row_number() over (partition by user_id order by person_version) as touch_number
        from {{ ref('stg_posthog__person_identity') }} join {{ ref('int_user_id__to_person_id') }} using (person_id)
        where coalesce(utm_source, gclid, initial_fbclid) is not null
    """,
    "models/attribution/int_user__attribution_resolved.sql": """
        with newest as (
          select user_id, gclid, utm_source, initial_fbclid, updated_at
          from {{ ref('int_user_id__attribution_history') }}
          qualify row_number() over (partition by user_id order by person_version desc) = 1
        )
        select c.canonical_user_id as user_id, n.utm_source, n.initial_fbclid,
          case when datediff('day', c.first_seen_at, current_date) <= 90 then c.initial_gclid else n.gclid end as gclid
        from {{ ref('int_posthog__person_collapsed') }} c left join newest n on n.user_id = c.canonical_user_id
    """,
    **{
        f"models/paid_budget/paid_budget__{kind}_conversions.sql": f"""
        select {owner}, e.event_at, u.initial_gclid as gclid, a.utm_source,
          case when u.initial_gclid is not null then 'Google' when a.utm_source = 'facebook' then 'Meta'
               else 'Organic/Direct' end as channel
        from {{{{ ref('int_user__event_firsts') }}}} e join {{{{ ref('canonical_users') }}}} u using (user_id)
        left join {{{{ ref('int_user__attribution_resolved') }}}} a using (user_id)
        """
        for kind, owner in {
            "user": "u.user_id", "event": "u.user_id", "kiloclaw": "u.user_id", "enterprise": "o.organization_id",
            "teams": "o.team_id",
        }.items()
    },
    "models/paid_budget/int_paid_budget__ad_spend_by_platform.sql": """
        select day, platform, sum(spend) as spend from {{ source('ads', 'spend') }} group by 1, 2
    """,
    "models/paid_budget/paid_budget__monthly_performance.sql": """
        select date_trunc('month', event_at) as month, channel, sum(spend) / nullif(count(distinct user_id), 0) as cac,
          count(*) / nullif(sum(clicks), 0) as conversion_rate, sum(revenue) / nullif(sum(spend), 0) as roi
        from {{ ref('paid_budget__user_conversions') }} left
          join {{ ref('int_paid_budget__ad_spend_by_platform') }} using (day)
        group by 1, 2
    """,
    "models/marts/daily_marketing_acquisition.sql": """
        select signup_date, count(coalesce(gclid, fbclid, msclkid, rdt_cid, li_fat_id)) as paid_signups,
          count(*) as signups
        from {{ ref('canonical_users') }} group by 1
    """,
    "models/admin/active_queries.sql": """
        select query_id, start_time, error_code
        from snowflake.account_usage.query_history
    """,
    "models/admin/columns.sql": "select table_name, column_name, is_nullable from information_schema.columns",
}  # fmt: skip
"""A system of first touches and click ids, with what looks like more: a comment about devices, sessions passed on,
survey answers in staging, the newest click as a fallback, performance without coverage."""

WHOLE: Mapping[str, str] = {
    "models/staging/stg_web__events.sql": """
        select event_id, event_name, anonymous_id, user_id, device_id, page_url, referrer, user_agent, survey_answer,
          utm_source, utm_medium, gclid, occurred_at
        from {{ source('web', 'events') }}
        where not is_test
        qualify row_number() over (partition by event_id order by occurred_at) = 1
    """,
    "models/int_identity__stitched.sql": """
        select a.anonymous_id, u.user_id as canonical_user_id,
          row_number() over (partition by a.anonymous_id order by u.seen_at) as n
        from {{ ref('stg_web__events') }} a join {{ ref('logins') }} u on a.anonymous_id = u.anonymous_id
    """,
    "models/int_identity__devices.sql": """
        select canonical_user_id as user_id, device_id, count(*) as hits
          from {{ ref('int_identity__stitched') }} group by 1, 2
    """,
    "models/int_sessions.sql": """
        select *, sum(is_new_session) over (partition by user_id order by occurred_at) as session_number
        from (select *, case when occurred_at > lag(occurred_at) over (partition by user_id order by occurred_at)
          + interval '30 minutes' then 1 else 0 end as is_new_session from {{ ref('stg_web__events') }})
    """,
    "models/int_touchpoints.sql": """
        select session_id, user_id, min(occurred_at) as occurred_at, utm_source, gclid,
          case when gclid is not null then 'Paid Search' when utm_medium = 'email' then 'Email'
               when referrer like '%google.%' then 'Organic Search'
          when referrer like '%facebook.%' then 'Organic Social'
               when user_agent like '%Instagram%' then 'Organic Social'
               when referrer is not null then 'Referral' else 'Direct' end as channel,
          case when event_name = 'purchase' then 'order' when event_name = 'sign_up' then 'lead' end as signal_type
        from {{ ref('int_sessions') }} group by all
    """,
    "models/fct_attribution.sql": """
        select conversion_id, user_id, account_id, channel, revenue,
          case when n = 1 then 1 else 0 end as first_touch_credit,
          case when n = touches then 1 else 0 end as last_touch_credit,
          1.0 / count(*) over (partition by conversion_id) as linear_credit
        from {{ ref('int_touchpoints') }} join {{ ref('orders') }} using (user_id)
    """,
    "models/fct_model_comparison.sql": """
        select channel, sum(first_touch_credit) as first_touch, sum(last_touch_credit) as last_touch,
          sum(abs(first_touch_credit - last_touch_credit)) / 2 as model_disagreement,
          sum(case when survey_answer = channel then 1 else 0 end) as agreeing_answers
        from {{ ref('fct_attribution') }} group by 1
    """,
    "models/mon_attribution_health.sql": """
        select day, avg(case when touches > 0 then 1.0 else 0 end) as behavioural_coverage,
          avg(case when direct_only then 1.0 else 0 end) as direct_only_rate,
          avg(case when gclid is null and is_paid then 1.0 else 0 end) as missing_gclid_rate
        from {{ ref('fct_attribution') }} group by 1
    """,
    "models/mon_xmr.sql": """
        select day, value, avg(moving_range) over () * 2.66 as width from {{ ref('mon_attribution_health') }}
    """,
}
"""A project with everything."""

SHOP: Mapping[str, str] = {
    "models/stg_orders.sql": """
        select id as order_id, customer_id, total, created_at
        from {{ source('shop', 'orders') }}
    """,
    "models/fct_orders.sql": """
        select customer_id, count(*) as orders, sum(total) as revenue
        from {{ ref('stg_orders') }} group by 1
    """,
}
"""Orders, and nothing of attribution."""

LINEAR_ISSUES: Mapping[str, str] = {
    "models/staging/stg_linear__issues.sql": "select id, title, created_at from {{ source('linear', 'issues') }}",
    "models/fct_linear_issues.sql": """
        select team_id, count(*) as issues
        from {{ ref('stg_linear__issues') }} group by 1
    """,
    "models/fct_orders.sql": """
        select o.id, o.user_id, 1.0 / count(*) over (partition by o.id) as share
        from {{ ref('orders') }} o
    """,
}
"""Words of attribution in another sense."""


def manifest(models: Mapping[str, str], name: str = "shop") -> str:
    """The manifest that dbt would write for these files."""
    ids = {Path(file).stem: f"model.{name}.{Path(file).stem}" for file in models}
    nodes = {
        ids[Path(file).stem]: {
            "resource_type": "model", "name": Path(file).stem, "original_file_path": file, "raw_code": code,
            "description": "", "columns": {},
            "depends_on": {"nodes": [ids[ref] for ref in re.findall(r"ref\('(\w+)'\)", code) if ref in ids]},
        }
        for file, code in models.items()
    }  # fmt: skip
    return json.dumps({"metadata": {"project_name": name}, "nodes": nodes, "sources": {}})

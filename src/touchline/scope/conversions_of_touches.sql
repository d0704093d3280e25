-- writes: scope_conversions
-- reads: made_touchpoints, touchpoints_before, made_paths
-- grain: one conversion
-- Those whose path stands, but a touch of it says something else now: its campaign, its day.
with now as (
  select
    organization_id, site_id, touchpoint_id, evidence_id, touch_date, is_landing, user_agent,
    utm_campaign, utm_term, utm_content, campaign_ref, adset_ref, ad_ref
  from made_touchpoints
),
changed as (
  select touchpoint_id from (select * from now except select * from touchpoints_before) as come
)
select distinct conversion_id
from made_paths
where touchpoint_id in (select touchpoint_id from changed)

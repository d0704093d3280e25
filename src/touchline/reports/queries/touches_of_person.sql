-- reads: touchpoints
-- grain: one touch of a person
-- The touches of a person, 5,000 at a time.
select
  touchpoint_id as row_key,
  site_id, session_id, touchpoint_id, occurred_at, landing_url, referrer_host, utm_source, utm_medium, utm_campaign, utm_term,
  utm_content, utm_id, click_id_names, campaign_ref, adset_ref, ad_ref, user_agent
from touchpoints
where organization_id = $organization_id
  and person_id = $person_id
  and touchpoint_id > $after
order by row_key
limit 5000

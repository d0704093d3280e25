-- writes: events_of_identifiers
-- reads: sought_events
-- grain: one event
-- What the statements need of the events that were sought; wide columns are dear to read.
select
  organization_id, site_id, event_id, identifier, type, name, occurred_at, visitor_id, user_id, email_hash, account_id,
  url, page_domain, referrer_host, referrer_domain,
  utm_source, utm_medium, utm_campaign, utm_term, utm_content, utm_id, click_id_names,
  campaign_ref, adset_ref, ad_ref, value_micros, currency, order_id, is_test, is_verified, user_agent,
  device_type, city, district, survey_answer
from sought_events

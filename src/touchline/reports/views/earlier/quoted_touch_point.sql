-- named: TouchPoint
-- includes: touch_point
-- One touch: where and when a visitor came from a source.
select
  id,
  organization_id as organizationId,
  site_id as siteId,
  person_id as personId,
  session_id as sessionId,
  occurred_at as occurredAt,
  landing_url as landingUrl,
  referrer,
  utm_source as utmSource,
  utm_medium as utmMedium,
  utm_campaign as utmCampaign,
  utm_term as utmTerm,
  utm_content as utmContent,
  click_id_names as clickIdNames,
  platform_code as platformCode,
  source_class as sourceClass,
  channel,
  organization_id
from touch_point

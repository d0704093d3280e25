-- writes: evidence_channels
-- reads: channel_rules
-- grain: one file of rules, of which a home has one at most
-- The rules of the home's own that are asked before Touchline's.
select name, content
from channel_rules

-- writes: events_of_persons
-- reads: events_of_identifiers, sought_events
-- grain: one event
-- Every event of the persons of the scope.
select * from events_of_identifiers
union all
select * from sought_events

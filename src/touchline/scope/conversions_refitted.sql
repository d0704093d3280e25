-- writes: scope_refitted
-- reads: fits, fits_before, models, conversions
-- grain: one conversion under one model
-- The conversions that another fit serves than before, under the model that the fit is of.
select c.conversion_id as conversion_id, f.organization_id as organization_id, f.kind as model
from fits as f
join models as m on m.organization_id = f.organization_id and m.model = f.kind
join conversions as c on c.organization_id = f.organization_id
  and c.conversion_date >= f.serves_from and c.conversion_date <= f.serves_until
left join fits_before as b on b.fit_id = f.fit_id
  and c.conversion_date >= b.serves_from and c.conversion_date <= b.serves_until
where c.is_counted and b.fit_id is null

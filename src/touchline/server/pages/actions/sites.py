"""Sites and their keys, made and revoked in the browser."""

from touchline.jobs.managing import sites
from touchline.numerals import decimal_of
from touchline.server.pages.action import Act, Action, Done, FieldError


def add(act: Act) -> Done:
    """Add a site."""
    domain = act.text("domain")
    site_id = sites.add_site(act.manager, name=act.text("name") or domain, domain=domain, time_zone=act.text("zone"))
    return Done(f"Site {site_id} is added. Create a key for it, and put the snippet into its pages.")


def create_key(act: Act) -> Done:
    """Make a key of a site, and show it this once."""
    kind = act.text("kind")
    made = sites.create_key(
        act.manager, act.text("key"), kind, scopes=act.text("scope").split() if kind == "secret" else (),
        origins=act.text("origins").replace(",", " ").split(),
    )  # fmt: skip
    return Done(f"Key {made.key_id} of site {made.row['site_id']} is made.", made.key)


def rotate_key(act: Act) -> Done:
    """Make a key in the place of one, which stays good for a while."""
    hours = decimal_of(act.text("hours"))
    if hours is None:
        raise FieldError("hours", "This is a number of hours, such as 24.")
    made = sites.rotate_key(act.manager, act.text("key"), overlap_hours=float(hours))
    said = f"Key {made.key_id} takes the place of {act.text('key')}, which is good for {hours} more hours."
    return Done(said, made.key)


def revoke_key(act: Act) -> Done:
    """Revoke a key."""
    sites.revoke_key(act.manager, act.text("key"))
    return Done(f"Key {act.text('key')} is revoked.")


ACTIONS = (
    Action("sites", "add", "administrator", add, {"domain": "domain", "name": "name", "zone": "zone"}),
    Action(
        "sites", "create-key", "administrator", create_key,
        {"kind": "kind", "scope": "scope", "origins": "origin"},
    ),
    Action("sites", "rotate-key", "administrator", rotate_key, {"hours": "hours"}),
    Action("sites", "revoke-key", "administrator", revoke_key),
)  # fmt: skip

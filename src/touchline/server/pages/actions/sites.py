"""Sites and their keys, made and revoked in the browser."""

from touchline.errors import UsageError
from touchline.jobs import access_keys, setup
from touchline.ledger import schema
from touchline.numerals import decimal_of
from touchline.server.pages.action import Act, Action, Done, FieldError


def add(act: Act) -> Done:
    """Add a site."""
    domain = act.text("domain")
    site_id = setup.add_site(
        act.workspace, act.organization_id, name=act.text("name") or domain, domain=domain,
        time_zone=act.text("zone"), now=act.now,
    )  # fmt: skip
    act.note("changed", f"site {site_id}: added")
    return Done(f"Site {site_id} is added. Create a key for it, and put the snippet into its pages.")


def create_key(act: Act) -> Done:
    """Make a key of a site, and show it this once."""
    site_id = _own_site(act)
    kind, scope = act.text("kind"), act.text("scope")
    if access_keys.METRICS in scope:
        raise FieldError("scope", "Metrics are of all organizations.", "Create such a key on the server.")
    made = access_keys.create_key(
        act.workspace, site_id, kind, scopes=scope.split() if kind == "secret" else (),
        origins=act.text("origins").replace(",", " ").split(), now=act.now,
    )  # fmt: skip
    act.note("changed", f"key {made.key_id} of site {site_id}: made, {kind}")
    return Done(f"Key {made.key_id} of site {site_id} is made.", made.key)


def rotate_key(act: Act) -> Done:
    """Make a key in the place of one, which stays good for a while."""
    found = act.workspace.ledger.rows(schema.KEYS, key_id=act.text("key"))
    if any(access_keys.METRICS in row["scopes"].split() for row in found):
        raise UsageError(
            "This key reads metrics of all organizations.", "Replace it on the server: touchline key rotate"
        )
    hours = decimal_of(act.text("hours"))
    if hours is None:
        raise FieldError("hours", "This is a number of hours, such as 24.")
    made = access_keys.rotate_key(
        act.workspace, act.text("key"), organization_id=act.organization_id, overlap_hours=float(hours), now=act.now
    )
    act.note("changed", f"key {made.key_id}: made in place of {act.text('key')}")
    said = f"Key {made.key_id} takes the place of {act.text('key')}, which is good for {hours} more hours."
    return Done(said, made.key)


def revoke_key(act: Act) -> Done:
    """Revoke a key."""
    access_keys.revoke_key(act.workspace, act.text("key"), organization_id=act.organization_id, now=act.now)
    act.note("changed", f"key {act.text('key')}: revoked")
    return Done(f"Key {act.text('key')} is revoked.")


def _own_site(act: Act) -> str:
    return str(act.workspace.site(act.text("key"), act.organization_id)["site_id"])


ACTIONS = (
    Action("sites", "add", "administrator", add, {"domain": "domain", "name": "name", "zone": "zone"}),
    Action(
        "sites", "create-key", "administrator", create_key,
        {"kind": "kind", "scope": "scope", "origins": "origin"},
    ),
    Action("sites", "rotate-key", "administrator", rotate_key, {"hours": "hours"}),
    Action("sites", "revoke-key", "administrator", revoke_key),
)  # fmt: skip

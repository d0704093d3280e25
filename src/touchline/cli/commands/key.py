"""``key``: the keys with which a site's pages and servers send."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cyclopts import App

from touchline.cli.answer import SCOPE, Answer, Number, Scope
from touchline.cli.listing import instant, listed, rows_of, rows_of_organization, said
from touchline.cli.managing import manager_of

if TYPE_CHECKING:
    from touchline.jobs.access_keys import Made


key = App(name="key", help="Manage the keys that a site's pages and servers use to send events.")


@key.command(name="create")
def create_key(
    *, kind: str = "publishable", scope: Sequence[str] = (), origin: Sequence[str] = (), site: str | None = None,
    options: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Create a key, and show it only once.

    :param kind: publishable (can only send events, for use in pages) or secret (for use on a server).
    :param scope: what a secret key can do: track, costs, read, admin, metrics, manage, provision; repeat the
        option for several.
    :param origin: another origin that can send with the key, such as https://pay.example or null; repeat for several.
    :param site: the site's id; required if there are several.
    """
    from touchline.jobs.managing import sites

    with options.opened() as workspace:
        manager = manager_of(workspace, options.organization)
        made = sites.create_key(manager, site, kind, scopes=scope, origins=origin)
    return _shown_once(made)


@key.command(name="list")
def list_keys(*, options: Scope = SCOPE) -> Answer:
    """List the keys of the organization's sites. The keys themselves are not stored, only their hashes."""
    columns = ("key_id", "site_id", "kind", "scopes", "origins", "created_at", "revoked_at")
    sites = [site["site_id"] for site in rows_of_organization(options, "SITES", ("site_id",))]
    found = rows_of(options, "KEYS", columns, site_id=sites)
    rows = [{**row, **{at: instant(row[at]) for at in columns[5:]}} for row in found]
    return listed("keys", rows, columns)


@key.command(name="rotate")
def rotate_key(key_id: str, /, *, overlap_hours: Number = 24, options: Scope = SCOPE) -> Answer:
    """Replace a key with a new one; the old key stays valid for a while.

    :param key_id: the old key's id, from `key list`.
    :param overlap_hours: how long the old key stays valid.
    """
    from touchline.jobs.managing import sites

    with options.opened() as workspace:
        made = sites.rotate_key(manager_of(workspace, options.organization), key_id, overlap_hours=overlap_hours)
    return _shown_once(made)


@key.command(name="revoke")
def revoke_key(key_id: str, /, *, options: Scope = SCOPE) -> Answer:
    """Revoke a key immediately.

    :param key_id: the key's id, from `key list`.
    """
    from touchline.jobs.managing import sites

    with options.opened() as workspace:
        sites.revoke_key(manager_of(workspace, options.organization), key_id)
    return said({"key_id": key_id}, f"Key {key_id} is revoked.")


def _shown_once(made: "Made") -> Answer:
    shown = ("key_id", "site_id", "kind", "scopes", "origins")
    document = {**{name: made.row[name] for name in shown}, "key": made.key}
    return said(
        document,
        f"{made.key}\nThis is key {made.key_id} of site {made.row['site_id']}. It is shown only once; save it.",
    )


COMMAND = key

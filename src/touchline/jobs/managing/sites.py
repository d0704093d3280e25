"""Organizations, their sites, and the keys of these: added, made, rotated, revoked."""

from collections.abc import Sequence

from touchline.errors import UnknownError, UsageError
from touchline.jobs import access_keys, setup
from touchline.jobs.access_keys import OF_ALL, Made
from touchline.jobs.managing.manager import Change, Manager, at_once
from touchline.jobs.naming import TakenError, site_values
from touchline.ledger import schema


@at_once
def add_organization(manager: Manager, *, name: str, domain: str, currency: str, time_zone: str) -> setup.Initial:
    """Add an organization with a site, a publishable key and the default goal.

    :raises TakenError: if there is one of this name.
    """
    made = setup.add_organization(
        manager.workspace, name=name, domain=domain, currency=currency, time_zone=time_zone, now=manager.now
    )
    manager.note(f"organization {made.organization_id}: added with site {made.site_id}", [made.organization_id])
    return made


@at_once
def add_site(manager: Manager, *, name: str, domain: str, time_zone: str, site_id: str | None = None) -> str:
    """Add a site; returns its id.

    :param site_id: the id that it is to have; by default one is made of its domain.
    :raises TakenError: if the organization has a site of this domain.
    """
    made = setup.add_site(
        manager.workspace, manager.organization, name=name, domain=domain, time_zone=time_zone, now=manager.now,
        site_id=site_id,
    )  # fmt: skip
    manager.note(f"site {made}: added")
    return made


def put_site(manager: Manager, site_id: str, *, name: str, domain: str, time_zone: str) -> Change:
    """Add a site of this id, unless there is one that is as given.

    :raises TakenError: if there is another one: a site keeps its name, its domain and its time zone.
    :raises UnknownError: if the id is of another organization's site.
    """
    found = manager.workspace.ledger.rows(schema.SITES, site_id=site_id)
    if not found:
        add_site(manager, name=name, domain=domain, time_zone=time_zone, site_id=site_id)
        return "added"
    (site,) = found
    if site["organization_id"] != manager.organization:
        raise UnknownError(f"There is no site {site_id!r:.80}, and this id cannot be had.", "Choose another id.")
    wanted = {"name": name, **site_values(domain, time_zone)}
    if any(site[column] != value for column, value in wanted.items()):
        raise TakenError(
            f"Site {site_id} has another name, domain or time zone.", "They stay as they are: choose another id."
        )
    return "same"


@at_once
def create_key(
    manager: Manager, site_id: str | None, kind: str, *, scopes: Sequence[str] = (), origins: Sequence[str] = ()
) -> Made:
    """Make a key of a site.

    :param site_id: the only site if it is ``None``.
    :raises UsageError: if the key would be for all organizations, and the home is not at hand.
    """
    site = str(manager.workspace.site(site_id, manager.organization_id)["site_id"])
    found = sorted(OF_ALL.intersection(scopes))
    if found and not manager.is_local:
        raise UsageError(f"The scope {found[0]} is of all organizations.", "Create such a key on the server.")
    made = access_keys.create_key(manager.workspace, site, kind, scopes=scopes, origins=origins, now=manager.now)
    what = kind if kind == "publishable" else f"{kind}, for {made.row['scopes'].replace(' ', ', ')}"
    manager.note(f"key {made.key_id} of site {site}: made, {what}", [_owner_of(manager, site)])
    return made


@at_once
def rotate_key(manager: Manager, key_id: str, *, overlap_hours: float) -> Made:
    """Make a key in the place of one, which stays good for ``overlap_hours``.

    :raises UsageError: if the key is for all organizations, and the home is not at hand.
    """
    if not manager.is_local:
        _check_is_of_one(manager, key_id)
    made = access_keys.rotate_key(
        manager.workspace, key_id, organization_id=manager.organization_id, overlap_hours=overlap_hours,
        now=manager.now,
    )  # fmt: skip
    owner = _owner_of(manager, made.row["site_id"])
    manager.note(f"key {made.key_id}: made in place of {key_id}", [owner])
    return made


@at_once
def revoke_key(manager: Manager, key_id: str) -> None:
    """Revoke a key; one that is revoked already stays as it is.

    :raises UsageError: if the key is for all organizations, and the caller manages one of them.
    """
    if not manager.is_local and not manager.sees_all:
        _check_is_of_one(manager, key_id)
    site = access_keys.revoke_key(manager.workspace, key_id, organization_id=manager.organization_id, now=manager.now)
    if site is not None:
        manager.note(f"key {key_id}: revoked", [_owner_of(manager, site)])


def _check_is_of_one(manager: Manager, key_id: str) -> None:
    """Refuse a key of the organization that is for all of them; of others, nothing is said."""
    own = manager.workspace.sites_of(manager.organization)
    for row in manager.workspace.ledger.rows(schema.KEYS, key_id=key_id, site_id=own):
        found = sorted(OF_ALL.intersection(row["scopes"].split()))
        if found:
            raise UsageError(
                f"This key is for {found[0]} of all organizations.", "Replace it on the server: touchline key rotate"
            )


def _owner_of(manager: Manager, site_id: str) -> str:
    return manager.workspace.organization_asked(None, site_id)

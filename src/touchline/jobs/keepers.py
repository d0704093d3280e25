"""What a person's role and organization let them keep for others: links to a view, and mails of one.

It is judged when something is made, when either changes, and whenever a link is opened or a mail is sent: what somebody
could not make now shows nothing.
"""

from collections.abc import Iterable

from touchline.jobs.mail_addresses import is_address
from touchline.jobs.roles import may
from touchline.jobs.workspace import Row
from touchline.ledger import Entry, Ledger, schema


def sees(user: Row, organization_id: str) -> bool:
    """Whether a person sees an organization."""
    return user["organization_id"] in {None, organization_id}


def may_share(user: Row, organization_id: str) -> bool:
    """Whether a person may make a link to a view of an organization.

    >>> ada = {"name": "ada", "organization_id": "shop", "role": "editor"}
    >>> may_share(ada, "shop"), may_share(ada, "rival"), may_share({**ada, "role": "viewer"}, "shop")
    (True, False, False)
    """
    return sees(user, organization_id) and may(user["role"], "editor")


def may_send(user: Row, address: str, organization_id: str, users: Iterable[Row]) -> bool:
    """Whether a person may send views of an organization to an address.

    Administrators send to any, editors to those of people who see the organization, viewers to their own.

    :param users: everybody, by whose names addresses are known.

    >>> ada = {"name": "ada@shop.example", "organization_id": "shop", "role": "viewer"}
    >>> [may_send({**ada, "role": role}, "ops@shop.example", "shop", [ada]) for role in ("editor", "administrator")]
    [False, True]
    >>> may_send(ada, "ada@shop.example", "shop", [ada])
    True
    """
    if not sees(user, organization_id) or not may(user["role"], "viewer"):
        return False
    if may(user["role"], "administrator"):
        return True
    if not may(user["role"], "editor"):
        users = [user]
    return is_address(address) and any(one["name"] == address and sees(one, organization_id) for one in users)


def end_beyond(ledger: Ledger, entry: Entry, name: str, **changed: object) -> None:
    """Remove links and mails of one person that are beyond what they may keep, and mails to their address that are.

    :param changed: columns of the person as they are to be; the transaction writes them.
    """
    users = {row["name"]: {**row, **(changed if row["name"] == name else {})} for row in ledger.rows(schema.USERS)}
    for link in ledger.rows(schema.SHARE_LINKS, owner=name):
        if not may_share(users[name], link["organization_id"]):
            entry.remove(schema.SHARE_LINKS, link_id=link["link_id"])
    for mail in (*ledger.rows(schema.VIEW_MAILS, owner=name), *ledger.rows(schema.VIEW_MAILS, address=name)):
        owner = users.get(mail["owner"])
        if owner is None or not may_send(owner, mail["address"], mail["organization_id"], users.values()):
            entry.remove(schema.VIEW_MAILS, mail_id=mail["mail_id"])


def is_link_kept(ledger: Ledger, owner: str, organization_id: str) -> bool:
    """Whether the one who made a link may still share the organization's views."""
    return any(may_share(user, organization_id) for user in ledger.rows(schema.USERS, name=owner))


def is_mail_kept(ledger: Ledger, owner: str, address: str, organization_id: str) -> bool:
    """Whether the one who asked for a mail may still send the organization's views to its address."""
    users = ledger.rows(schema.USERS)
    return any(may_send(user, address, organization_id, users) for user in users if user["name"] == owner)

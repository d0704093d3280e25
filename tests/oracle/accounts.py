"""Who acts for which account, and which account a conversion is of, in the plainest words."""

from tests.oracle.orders import conversions
from tests.oracle.people import identities, persons
from tests.oracle.world import Row, World, names_somebody, once


@once
def merged_accounts(world: World) -> list[Row]:
    """Of each account that a claim calls one with another: the smallest of all that it is one with."""
    claimed = [row for row in world.claims if row["identifier"].startswith("a:")]
    named = {(row["identifier"][2:], row["linked_identifier"][2:]) for row in claimed}
    apart = {(r["identifier"][2:], r["linked_identifier"][2:]) for r in claimed if r["source"] == "separated"}
    pairs = [{*pair} for pair in sorted(named - apart)]
    groups: list[set[str]] = []
    for pair in pairs:
        same = [group for group in groups if group & pair]
        groups = [group for group in groups if group not in same] + [pair.union(*same)]
    return [
        {"organization_id": world.name, "account_id": account, "main_account_id": min(group)}
        for group in groups
        for account in sorted(group)
    ]


def main_account(world: World, account: str) -> str:
    """The name that an account bears since it is one with others."""
    return next((r["main_account_id"] for r in merged_accounts(world) if r["account_id"] == account), account)


@once
def account_members(world: World) -> list[Row]:
    """Each person with each account that an event or a claim names next to them."""
    person_of, known = persons(world), {row["identifier"] for row in identities(world)}
    named = [
        (event["identifier"], event["account_id"], event["occurred_at"], True, event["is_verified"])
        for event in world.events
        if event["account_id"] is not None and names_somebody(event["account_id"])
    ]
    named += [
        (claim["identifier"], claim["linked_identifier"][2:], claim["claimed_at"], False, True)
        for claim in world.claims
        if claim["linked_identifier"].startswith("a:")
        and claim["identifier"] in known
        and claim["source"] != "separated"
    ]
    rows: dict[tuple[str, str], Row] = {}
    for identifier, account, time, is_event, is_verified in named:
        key = main_account(world, account), person_of({"identifier": identifier, "occurred_at": time})
        row = rows.setdefault(key, _nothing_shown(world, key) | {"first_seen_at": time})
        row["first_seen_at"] = min(row["first_seen_at"], time)
        row["event_count"] += is_event
        row["claim_count"] += not is_event
        row["is_verified"] |= is_verified
    for row in rows.values():
        theirs = [other for other in rows.values() if other["person_id"] == row["person_id"]]
        better = [other for other in theirs if other["is_verified"]] or theirs
        row["is_only"] = better == [row]
    return list(rows.values())


def _nothing_shown(world: World, key: tuple[str, str]) -> Row:
    return {
        "organization_id": world.name, "account_id": key[0], "person_id": key[1], "event_count": 0, "claim_count": 0,
        "is_verified": False, "is_only": False,
    }  # fmt: skip


def colleagues(world: World, account: str) -> set[str]:
    """Those who act for the account: the verified ones, where there are any."""
    members = [row for row in account_members(world) if row["account_id"] == account]
    return {row["person_id"] for row in [one for one in members if one["is_verified"]] or members}


def account_of(world: World, conversion: Row) -> str | None:
    """The account that the conversion names, where its person is of that one; else the person's only one."""
    theirs = {r["account_id"]: r for r in account_members(world) if r["person_id"] == conversion["person_id"]}
    said = conversion["account_id"] and main_account(world, conversion["account_id"])
    only = next((account for account, row in theirs.items() if row["is_only"]), None)
    account = said if said in theirs else only
    return account if account is not None and conversion["person_id"] in colleagues(world, account) else None


@once
def owner_accounts(world: World) -> dict[str, str | None]:
    """By conversion, the account that owns its path; none where the person does."""
    return {
        row["conversion_id"]: account_of(world, row) if row["path_owner"] == "account" else None
        for row in conversions(world)
    }

"""``init``: a new home."""

from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options
from touchline.cli.clock import now_micros


def init(
    *, domain: str, currency: str, name: str | None = None, time_zone: str = "UTC", options: Options = COMMON
) -> Answer:  # fmt: skip
    """Create a home with one organization, one site, a key for its pages, and the goal `conversion`.

    :param domain: the site's host name, such as shop.example.
    :param currency: three letters, such as EUR: the default currency of events and costs.
    :param name: the organization's name; by default its domain.
    :param time_zone: the time zone of the site's days, such as Europe/Berlin.
    """
    from touchline.jobs import setup
    from touchline.ledger.hash_key import VARIABLE, given_key

    made = setup.init(
        options.place, name=domain if name is None else name, domain=domain, currency=currency, time_zone=time_zone,
        now=now_micros(),
    )  # fmt: skip
    document = {"home": str(options.place.path), **made._asdict()}
    given = given_key()
    outside = (
        f"Its hashes have the key {given.key_id} of {VARIABLE}, which the home does not keep: nothing opens it without"
        " that key.\n" if given else ""
    )  # fmt: skip
    return Answer(
        document,
        lambda: Text(
            f"Created {options.place.path} with organization {made.organization_id} and site {made.site_id}.\n"
            f"Its pages send events with the key {made.key}, which is shown only once.\n"
            f"{outside}Next: touchline import events FILE…, then touchline run."
        ),
    )


COMMAND = init

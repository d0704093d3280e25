"""What is true about the demo's files; ``truth.json`` is this, so that every claim of a report can be checked."""

from datetime import date

import msgspec


class Lines(msgspec.Struct, frozen=True):
    """What the event files hold; ``total`` is the sum of accepted, bots, duplicates, bad_json and missing_type."""

    total: int
    unique_events: int
    """Different event ids of well-formed events: ``accepted`` + ``bots``."""
    accepted: int
    """Different events that ought to be accepted."""
    by_type: dict[str, int]
    """The accepted ones, by type."""
    bots: int
    duplicates: int
    """Lines that repeat another one exactly."""
    bad_json: int
    missing_type: int
    late: int
    """Lines, repetitions among them, in the file of a later month than that in which they occurred."""


class OrderTruth(msgspec.Struct, frozen=True):
    """How many orders there are; test, cancelled and refunded ones are different orders."""

    all: int
    test: int
    cancelled: int
    fully_refunded: int
    partially_refunded: int
    gross_value_micros: int
    """Of all orders but the test orders."""
    counted: int
    """Orders that stand: neither test nor cancelled nor fully refunded."""
    counted_value_micros: int
    """What those are worth after partial refunds."""


class OrderIds(msgspec.Struct, frozen=True):
    """The ids of the orders with a story."""

    test: list[str]
    cancelled: list[str]
    fully_refunded: list[str]
    partially_refunded: list[str]
    reused: list[str]
    """Each stands on two orders, of different people."""


class PlantedCampaign(msgspec.Struct, frozen=True):
    """One campaign with a part to play, what it cost, and how many visits it brought (recorded ones)."""

    platform: str
    campaign_id: str
    name: str
    spend_micros: int
    visits: int


class CostTruth(msgspec.Struct, frozen=True):
    """What the cost file adds up to, in micros."""

    rows: int
    total_micros: int
    micros_by_platform: dict[str, int]


class Surveys(msgspec.Struct, frozen=True):
    """The customers' answers, and how many name the source that LAST_TOUCH names."""

    answered: int
    agree: int


class Truth(msgspec.Struct, frozen=True):
    """Everything that is planted."""

    seed: int
    first_date: date
    last_date: date
    people: int
    visitors: int
    """Browsers: ``anonId`` on the wire."""
    people_with_several_visitors: int
    """People with more than one browser; each of these has their user id on all of them."""
    visits: int
    landings_by_channel: dict[str, int]
    """Visits whose landing is recorded, by the channel that brought them."""
    lines: Lines
    orders: OrderTruth
    order_ids: OrderIds
    surveys: Surveys
    sign_ups: int
    first_uses: int
    costs: CostTruth
    loser: PlantedCampaign
    """Nobody whom it ever brought buys or signs up."""
    assist: PlantedCampaign
    """It begins paths; another source than Direct always comes between it and a purchase."""
    dear: PlantedCampaign
    """It wins purchases at a cost far above every other campaign."""
    broken_day: date
    """The local day on which the page-view tag fails."""

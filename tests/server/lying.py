"""The positive control: a server that acknowledges before it commits. The campaign has to find it out."""

import asyncio

from tests.server import served
from touchline.server.application import Application
from touchline.server.collector import Collector, Offer, Outcome


def __getattr__(name: str) -> Application:
    """The application, with a collector whose word is worth nothing."""
    honestly = Collector.take

    def take_at_its_word(self: Collector, offer: Offer) -> "asyncio.Future[Outcome]":
        taken = honestly(self, offer)
        if not taken.done():
            taken.set_result(Outcome(len(offer.events), 0, 0, ()))
        return taken

    application: Application = getattr(served, name)
    Collector.take = take_at_its_word  # type: ignore[method-assign]
    return application

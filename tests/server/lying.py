"""The positive control: a server that acknowledges before it commits. The campaign has to find it out."""

import asyncio
import json
import os

from touchline.server.collect.application import Application, create
from touchline.server.collect.collector import Collector, Offer, Outcome
from touchline.server.http.options import ServerOptions
from touchline.settings import home_from


def __getattr__(name: str) -> Application:
    """The application, with a collector whose word is worth nothing."""
    if name != "application":
        raise AttributeError(name)
    honestly = Collector.take

    def take_at_its_word(self: Collector, offer: Offer) -> "asyncio.Future[Outcome]":
        taken = honestly(self, offer)
        if not taken.done():
            taken.set_result(Outcome(len(offer.events), 0, 0, ()))
        return taken

    Collector.take = take_at_its_word  # type: ignore[method-assign]
    return create(home_from(), ServerOptions(**json.loads(os.environ["OPTIONS"])))

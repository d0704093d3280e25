"""What a server does beside its requests goes on, whatever comes of it once."""

import asyncio

import pytest
from structlog.testing import capture_logs

from touchline.errors import BusyError
from touchline.server.collect.application import again_and_again


class _Enough(BaseException):
    """Ends what would never end."""


@pytest.mark.parametrize(
    ("error", "logged"), [(BusyError("The ledger is busy.", "Wait."), []), (KeyError("site"), ["not_done"])]
)
def test_work_that_failed_is_done_again(error: Exception, logged: list[str]) -> None:
    outcomes = iter([error, None, error, _Enough()])

    def work() -> None:
        outcome = next(outcomes)
        if outcome is not None:
            raise outcome

    with capture_logs() as logs, pytest.raises(_Enough):
        asyncio.run(again_and_again(0.001, work, "not_done"))
    assert [entry["event"] for entry in logs] == logged * 2

"""Options from the environment."""

import pytest

from touchline.errors import UsageError
from touchline.server.options import ServerOptions, options_from


def test_the_names_of_the_environment() -> None:
    found = options_from(
        {"REDIS_URL": "redis://r", "IP_HASH_SALT": "s", "CRON_SECRET": "c", "TOUCHLINE_NEEDS_ORIGIN": "1",
         "TOUCHLINE_BODY_SECONDS": "2.5", "TOUCHLINE_PORT": " 99 "}, host="::1", workers=None,
    )  # fmt: skip
    assert (found.redis_url, found.ip_hash_salt, found.cron_secret) == ("redis://r", "s", "c")
    assert (found.needs_origin, found.body_seconds, found.port, found.host, found.workers) == (True, 2.5, 99, "::1", 1)
    assert options_from({}) == ServerOptions()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TOUCHLINE_PORT", "http"), ("TOUCHLINE_PORT", "-1"), ("TOUCHLINE_NEEDS_ORIGIN", "maybe"),
        ("TOUCHLINE_BODY_SECONDS", "nan"), ("TOUCHLINE_WORKERS", "1.5"),
    ],
)  # fmt: skip
def test_what_is_no_value_is_named(name: str, text: str) -> None:
    with pytest.raises(UsageError, match=name):
        options_from({name: text})


def test_secrets_are_not_shown() -> None:
    assert "hush" not in repr(options_from({"CRON_SECRET": "hush", "IP_HASH_SALT": "hush"}))

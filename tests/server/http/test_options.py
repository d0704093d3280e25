"""Options from the environment."""

from dataclasses import Field, fields
from typing import Any

import pytest

from touchline.errors import UsageError
from touchline.server.http.addresses import trusted_of
from touchline.server.http.options import ServerOptions, name_of, options_from


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


NUMBERS = [option for option in fields(ServerOptions) if type(option.default) in {int, float}]
NO_NUMBERS = [
    "1_000", "٣٤", "\uff11\uff12", "१२", "²", "0x10", "0b1", "1,000", "1 000", "NaN", "nan", "inf", "Infinity", "-1",
    "--1", "1e13", "1e999999", "9" * 5_000, "five", "3s", "\u00bd",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_NUMBERS, ids=ascii)
@pytest.mark.parametrize("option", NUMBERS, ids=lambda option: str(option.name))
def test_every_number_has_the_digits_0_to_9(option: Field[Any], text: str) -> None:
    with pytest.raises(UsageError, match=f"^{name_of(option.name)} is a (whole )?number") as raised:
        options_from({name_of(option.name): text})
    assert "not " in raised.value.message


@pytest.mark.parametrize("option", NUMBERS, ids=lambda option: str(option.name))
def test_every_number_is_read_as_its_kind(option: Field[Any]) -> None:
    for text, expected in {"7": 7, " 08 ": 8, "+9": 9, "0": 0}.items():
        found = getattr(options_from({name_of(option.name): text}), option.name)
        assert (found, type(found)) == (expected, type(option.default))
    if isinstance(option.default, float):
        assert getattr(options_from({name_of(option.name): "2.5"}), option.name) == 2.5
        return
    with pytest.raises(UsageError, match=r"a whole number in digits 0 to 9, not '2\.5'"):
        options_from({name_of(option.name): "2.5"})


@pytest.mark.parametrize("text", ["٣", "\uff11", "1_0", "²"])
def test_a_count_of_proxies_has_the_digits_0_to_9(text: str) -> None:
    with pytest.raises(UsageError, match="is not a network"):
        trusted_of(text)


def test_secrets_are_not_shown() -> None:
    assert "hush" not in repr(options_from({"CRON_SECRET": "hush", "IP_HASH_SALT": "hush"}))

"""E-mail addresses to which something is sent."""

import re

from touchline.errors import UsageError

_LONGEST = 254
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+", re.ASCII)


def check_address(address: str) -> None:
    """Refuse what is no e-mail address.

    :raises UsageError: if it is none.
    """
    if not is_address(address):
        raise UsageError(f"That is no e-mail address: {address!r:.80}.", "It is ops@shop.example, for example.")


def is_address(text: str) -> bool:
    r"""Whether a text is an e-mail address, and nothing that ends a header.

    >>> is_address("ops@shop.example"), is_address("ops"), is_address("a@b.example\nBcc: c@d.example")
    (True, False, False)
    """
    return len(text) <= _LONGEST and bool(_ADDRESS.fullmatch(text))

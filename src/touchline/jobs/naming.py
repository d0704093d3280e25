"""Names that people give on the command line, held to what every database keeps."""

from touchline.characters import control_in_id
from touchline.errors import UsageError


def check_name(what: str, text: str, most: int, *, may_be_empty: bool = False) -> None:
    """Refuse a name that shows nothing, has control characters, or has more than ``most`` characters.

    :param may_be_empty: whether ``""`` has a meaning, such as all of them.
    :raises UsageError: naming ``what`` it is.

    >>> check_name("A goal", "signup", 200)
    """
    fault = control_in_id(text)
    if fault:
        raise UsageError(f"{what} has {fault}.", "Write it without.")
    if not _shows_something(text) and not (may_be_empty and not text):
        raise UsageError(f"{what} needs a character that can be seen, and {text!r:.80} has none.", "Write a name.")
    if len(text) > most:
        raise UsageError(f"{what} has at most {most} characters, not {len(text)}.")


def _shows_something(text: str) -> bool:
    """Whether a character is neither white space nor without width."""
    return any(one.isprintable() and not one.isspace() for one in text)

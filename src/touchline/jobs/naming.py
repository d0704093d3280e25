"""Names that people give on the command line, held to what every database keeps."""

from touchline.characters import control_in_id
from touchline.errors import UsageError


def check_name(what: str, text: str, most: int) -> None:
    """Refuse a name that has control characters or more than ``most`` characters.

    :raises UsageError: naming ``what`` it is.

    >>> check_name("A goal", "signup", 200)
    """
    fault = control_in_id(text)
    if fault:
        raise UsageError(f"{what} has {fault}.", "Write it without.")
    if len(text) > most:
        raise UsageError(f"{what} has at most {most} characters, not {len(text)}.")

"""Answers that the caller already has, by their ``ETag``."""


def tags_in(if_none_match: str | None) -> set[str]:
    """The entity tags of an ``If-None-Match`` header; weak ones count as strong, as RFC 9110 has it for GET.

    >>> sorted(tags_in('"a", W/"b"')), tags_in(None)
    (['"a"', '"b"'], {''})
    """
    return {one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")}

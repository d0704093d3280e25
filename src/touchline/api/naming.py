"""Names of models as people write them."""

from collections.abc import Sequence

from touchline.errors import UsageError


def chosen_models(models: str | Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The models that are named, in capitals, in the order in which they are named.

    :param models: names in any case, or one name.
    :raises UsageError: if a name is unknown or comes twice, or there is none.

    >>> chosen_models("linear", ("LINEAR", "MARKOV"))
    ('LINEAR',)
    """
    given: tuple[object, ...] = (models,) if isinstance(models, str) else tuple(models)
    names = tuple(name.strip().upper() for name in given if isinstance(name, str))
    if not names or len(set(names)) != len(given) or not set(names) <= set(known):
        raise UsageError(f"models is one name or a list of different names out of {', '.join(known)}, not {models!r}.")
    return names

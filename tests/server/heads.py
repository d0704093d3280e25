"""Header fields as the server gives them."""


class Head:
    """Fields by lower-case name; a list is a field that stands several times."""

    def __init__(self, fields: dict[str, str | list[str]] | None = None) -> None:
        self._fields = {name: [said] if isinstance(said, str) else said for name, said in (fields or {}).items()}

    def get(self, key: str, default: str | None = None) -> str | None:
        return self._fields.get(key, [default])[0]

    def get_all(self, key: str) -> list[str]:
        return self._fields.get(key, [])

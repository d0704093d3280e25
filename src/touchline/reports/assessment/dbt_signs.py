"""Signs of a capability in a dbt project's code: rows of ``dbt_signs.toml``."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from touchline.reports.assessment.cases import Case
from touchline.reports.assessment.manifest import Model

Pattern = re.Pattern[str]
NOTHING = re.compile("(?!)")
"""What is never found."""
ANYTHING = re.compile("")


@dataclass(frozen=True)
class CaseSign:
    """What a ``CASE`` has to be like."""

    alias: Pattern
    when: Pattern
    then: Pattern
    otherwise: Pattern
    branches: int

    def fits(self, case: Case) -> bool:
        """Whether the expression is one."""
        if not self.alias.search(case.alias) or len(case.branches) < self.branches:
            return False
        if self.otherwise.search(case.otherwise):
            return True
        return any(self.when.search(one.condition) and self.then.search(one.result) for one in case.branches)


@dataclass(frozen=True)
class Sign:
    """What shows that a model gives a project a capability."""

    capability: str
    group: str
    code: Pattern | None
    case: CaseSign | None
    also: tuple[Pattern, ...]
    unless: Pattern
    name: Pattern
    is_any: bool
    """Whether a staging model may show it."""

    def place(self, model: Model) -> int | None:
        """Where the model's code shows it; ``None``: nowhere."""
        if (model.is_staging and not self.is_any) or not self.name.search(model.name):
            return None
        found = self.hint(model)
        if found is None or not all(one.search(model.code) for one in self.also) or self.unless.search(model.code):
            return None
        return found

    def hint(self, model: Model) -> int | None:
        """Where the model's code has what would show it in another model."""
        if self.code is not None:
            found = self.code.search(model.code)
            return None if found is None else found.start()
        return next((case.start for case in model.cases if self.case is not None and self.case.fits(case)), None)


@cache
def signs() -> tuple[Sign, ...]:
    """All signs, in the order of the file."""
    text = (files("touchline.reports.assessment") / "dbt_signs.toml").read_text(encoding="utf-8")
    return tuple(_sign(row) for row in tomllib.loads(text)["sign"])


def _sign(row: dict[str, Any]) -> Sign:
    return Sign(
        capability=row["capability"],
        group=row.get("group", ""),
        code=re.compile(row["code"]) if "code" in row else None,
        case=_case_sign(row) if "alias" in row else None,
        also=tuple(re.compile(text) for text in row.get("also", ())),
        unless=re.compile(row["unless"]) if "unless" in row else NOTHING,
        name=re.compile(row.get("name", "")),
        is_any=row.get("any", False),
    )


def _case_sign(row: dict[str, Any]) -> CaseSign:
    return CaseSign(
        alias=re.compile(row["alias"]),
        when=re.compile(row["when"]) if "when" in row else NOTHING,
        then=re.compile(row["then"]) if "then" in row else ANYTHING,
        otherwise=re.compile(row["else"]) if "else" in row else NOTHING,
        branches=row.get("branches", 1),
    )

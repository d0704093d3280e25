"""An assessment as a document: five layers, what each is capable of, and what to fix first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from touchline.amounts import counted
from touchline.reports.assessment.layers import Capability, Layer, layers


@dataclass(frozen=True)
class Claim:
    """Why a capability is said to be present."""

    capability: str
    model: str
    """The table, or the model of a dbt project."""
    says: str
    """What it rests on, for people."""
    rows: int | None = None
    """How many rows of the table show it; ``None`` for a dbt project."""
    query: str = ""
    """The query that counts them, for the organization's id in ``$organization_id``."""
    file: str = ""
    """The file of a dbt project's model."""
    line: int | None = None
    """The line of its code, from 1."""


@dataclass(frozen=True)
class LayerAssessment:
    """One layer."""

    name: str
    status: str
    """``complete``, ``partial`` or ``missing``."""
    models: tuple[str, ...]
    capabilities_present: tuple[str, ...]
    capabilities_missing: tuple[str, ...]
    evidence: str
    notes: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Gap:
    """A capability that is missing."""

    layer: str
    capability: str
    impact: int
    """1 first."""
    recommendation: str


@dataclass(frozen=True)
class Assessment:
    """What an attribution system is capable of, layer by layer."""

    id: str
    """The same for as long as the subject has the same capabilities."""
    lens: str
    function: str
    phase: str
    topics: tuple[str, ...]
    version: str
    created: str
    """When it was made, ISO 8601 in UTC."""
    subject: str
    """The organization, or the dbt project."""
    layers: tuple[LayerAssessment, ...]
    gaps: tuple[Gap, ...]
    """What is missing, what matters most first."""


def first_of_each(claims: Iterable[Claim], key: Callable[[Claim], str]) -> list[Claim]:
    """The first claim of each key, in the order in which the keys come."""
    found: dict[str, Claim] = {}
    for claim in claims:
        found.setdefault(key(claim), claim)
    return list(found.values())


def assessment(
    subject: str, kind: str, claims: Iterable[Claim], *, now: int, notes: Mapping[str, Sequence[str]] | None = None
) -> Assessment:
    """The document of what was found.

    :param kind: ``touchline`` for an installation, ``dbt`` for a project.
    :param claims: of every capability that is present at least one.
    :param now: microseconds since 1970.
    :param notes: by layer, what else is worth knowing.
    """
    by_capability: dict[str, list[Claim]] = {}
    for claim in claims:
        by_capability.setdefault(claim.capability, []).append(claim)
    present = frozenset(by_capability)
    missing = [(layer, one) for layer in layers() for one in layer.capabilities if one.name not in present]
    created = datetime.fromtimestamp(now / 1e6, UTC).isoformat(timespec="seconds")
    return Assessment(
        id=str(uuid5(NAMESPACE_URL, f"touchline:assess:{kind}:{subject}:{','.join(sorted(present))}")),
        lens="dbt_attribution_mapping", function="assess", phase="diagnosis", topics=("attribution", kind),
        version="v1", created=created, subject=subject,
        layers=tuple(_layer(layer, by_capability, present, (notes or {}).get(layer.name, ())) for layer in layers()),
        gaps=tuple(
            Gap(layer.name, one.name, one.impact, one.advice) for layer, one in sorted(missing, key=_by_impact)
        ),
    )  # fmt: skip


def _by_impact(gap: tuple[Layer, Capability]) -> int:
    return gap[1].impact


def _layer(
    layer: Layer, by_capability: Mapping[str, list[Claim]], present: frozenset[str], notes: Sequence[str]
) -> LayerAssessment:
    claims = tuple(claim for one in layer.capabilities for claim in by_capability.get(one.name, []))
    missing = tuple(one.name for one in layer.capabilities if one.name not in present)
    return LayerAssessment(
        name=layer.name,
        status=layer.status(present),
        models=tuple(dict.fromkeys(claim.model for claim in claims)),
        capabilities_present=tuple(one.name for one in layer.capabilities if one.name in present),
        capabilities_missing=missing,
        evidence=" ".join(f"{claim.capability}: {claim.says}" for claim in claims) or "Nothing was found.",
        notes=" ".join([_said(layer, missing), *notes]),
        claims=claims,
    )


def _said(layer: Layer, missing: tuple[str, ...]) -> str:
    if not missing:
        return "Every capability of this layer is present."
    extra = {one.name for one in layer.capabilities if not one.is_core}
    tail = " None of them is core." if extra.issuperset(missing) else ""
    return f"{counted(len(missing), 'capability is', 'capabilities are')} missing: {', '.join(missing)}.{tail}"

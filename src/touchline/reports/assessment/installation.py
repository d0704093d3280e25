"""What an installation is capable of, from what its tables hold."""

from collections.abc import Iterator

from touchline.amounts import counted
from touchline.engines import Engine
from touchline.engines.answers import python_rows
from touchline.reports.assessment.document import Assessment, Claim, assessment
from touchline.reports.assessment.layers import layers
from touchline.reports.question import asked
from touchline.sql import branches


def assess_installation(engine: Engine | None, organization_id: str, *, now: int) -> Assessment:
    """Assess an organization: each capability is present where its query finds rows.

    :param engine: ``None``: there has been no run, so there are no rows.
    :param now: microseconds since 1970.
    :raises UnknownError: if there is no such organization.
    """
    if engine is None:
        return assessment(organization_id, "touchline", (), now=now)
    asked(engine, organization_id)
    return assessment(organization_id, "touchline", _claims(engine, organization_id), now=now)


def _claims(engine: Engine, organization_id: str) -> Iterator[Claim]:
    evidence = branches(__package__, "evidence")
    for one in (one for layer in layers() for one in layer.capabilities):
        query = evidence[one.file_name]
        found = python_rows(engine.select(query.text, parameters={"organization_id": organization_id}))[0]["found"]
        if found:
            table = query.reads[0]
            sentence = f"{query.sentence} ({counted(found, 'row')} of {table})"
            yield Claim(one.name, table, sentence, rows=found, query=query.text)

"""What the OpenAPI document says of each report: what it may be asked, and what it answers."""

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from litestar.openapi.spec import (
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    Reference,
    Schema,
)

from touchline.jobs.alarming.catalog import ALARMS
from touchline.reports import report as definition
from touchline.reports.catalog import reports
from touchline.reports.health_catalog import PARTS
from touchline.reports.report import Report, camel
from touchline.server.api.report_forms import FORMS, JSON, forms_in_words

LONGEST = 1_024
"""Characters of a parameter."""
ANSWERED = "The report as JSON, with its fields in camelCase; or its rows as CSV, Parquet or XLSX."
_KNOWN = "If-None-Match has its ETag: nothing has changed."
_ETAG = "Of this answer; send it as If-None-Match."
_PREFIX = "reports."
"""Before the names of schemas, so that a report's row may be called as something else of the document is."""
_OURS = {
    "organization": "The organization; needed where there are several.",
    "format": f"{forms_in_words()}: all but json are the report's rows. Accept chooses it, too.",
}
"""What every report may be asked over HTTP."""


def operation_of(report: Report) -> type[Operation]:
    """The operation with its parameters, which stand in no signature, and its answers."""

    @dataclass
    class ReportOperation(Operation):
        def __post_init__(self) -> None:
            ours = [
                Parameter(name=n, param_in="query", description=d, schema=_OUR_SCHEMAS[n]) for n, d in _OURS.items()
            ]
            asked = [_parameter(one) for one in report.parameters]
            self.parameters = [*(self.parameters or []), *asked, *ours]
            self.responses = {**(self.responses or {}), **_answers(report)}

    return ReportOperation


def _answers(report: Report) -> dict[str, OpenAPIResponse]:
    etag: Any = {"ETag": OpenAPIHeader(description=_ETAG, required=True, schema=Schema(type="string"))}  # type: ignore[arg-type]
    name = _answer_of(report).__name__
    content = {
        JSON: OpenAPIMediaType(schema=Reference(ref=f"#/components/schemas/{_PREFIX}{name}")),
        **{
            form.media_type: OpenAPIMediaType(schema=Schema(type="string"))  # type: ignore[arg-type]
            for form in FORMS.values()
            if form.media_type != JSON
        },
    }
    return {
        "200": OpenAPIResponse(description=ANSWERED, content=content, headers=etag),
        "304": OpenAPIResponse(description=_KNOWN, headers=etag),
    }


def _answer_of(report: Report) -> type:
    found: type = typing.get_type_hints(report.function)["return"]
    return found


def schemas() -> dict[str, Any]:
    """The answers of all reports, as :func:`touchline.reports.report.document` writes them."""
    answers = [_answer_of(report) for report in (*reports().values(), *PARTS, ALARMS)]
    template = f"#/components/schemas/{_PREFIX}{{name}}"
    _, found = msgspec.json.schema_components(answers, ref_template=template)
    return {f"{_PREFIX}{name}": _in_camel_case(schema) for name, schema in found.items()}


def _in_camel_case(schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = {camel(name): one for name, one in schema.get("properties", {}).items()}
    return {**schema, "properties": properties, "required": [camel(name) for name in schema.get("required", ())]}


_OUR_SCHEMAS: dict[str, Any] = {
    "organization": Schema(type="string", max_length=64),  # type: ignore[arg-type]
    "format": Schema(type="string", enum=[*FORMS]),  # type: ignore[arg-type]
}


def _parameter(asked: definition.Parameter) -> Parameter:
    name, says = camel(asked.asked_name), asked.says
    return Parameter(name=name, param_in="query", required=False, description=says, schema=_schema(asked))


def _schema(asked: definition.Parameter) -> Schema:
    if asked.choices:
        return Schema(type="string", enum=list(asked.choices))  # type: ignore[arg-type]
    if asked.is_money:
        return Schema(type="number", minimum=0, maximum=definition.MOST_UNITS)  # type: ignore[arg-type]
    if asked.kind is date:
        return Schema(type="string", format="date")  # type: ignore[arg-type]
    if asked.kind is int:
        return Schema(type="integer", minimum=1, maximum=definition.MOST_ROWS)  # type: ignore[arg-type]
    return Schema(type="string", max_length=LONGEST)  # type: ignore[arg-type]

"""The forms in which a report is answered over HTTP: JSON, CSV, and files for spreadsheets and data frames."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from touchline.reports.csv_text import csv_text
from touchline.reports.report import Report, document
from touchline.server.http.problems import inert


@dataclass(frozen=True)
class Form:
    """One of them.

    :param name: as ``format`` takes it, and how the name of a file of it ends.
    :param title: what people call it.
    :param body: of a report and its answer.
    :param is_stable: whether the body of the same answer has the same bytes each time.
    """

    name: str
    title: str
    media_type: str
    body: Callable[[Report, Any], bytes]
    is_stable: bool = True

    def etag(self, answer: Any, body: bytes) -> str:
        """The tag of an answer in this form, with its quotes."""
        said = body if self.is_stable else f"{self.name} ".encode() + inert(document(answer))
        return f'"{hashlib.sha256(said).hexdigest()[:32]}"'


def _json(_report: Report, answer: Any) -> bytes:
    return inert(document(answer))


def _csv(report: Report, answer: Any) -> bytes:
    return csv_text(report.table_of(answer)).encode()


def _file(ending: str) -> Callable[[Report, Any], bytes]:
    """What writes the rows as a file of exports, whose name ends so."""

    def body(report: Report, answer: Any) -> bytes:
        from touchline.exports import place_of  # noqa: PLC0415 - most workers never write a file
        from touchline.jobs.publishing import export_report  # noqa: PLC0415

        with TemporaryDirectory() as folder:
            file = Path(folder) / f"{report.name}.{ending}"
            export_report(report.name, report.table_of(answer), place_of(str(file)))
            return file.read_bytes()

    return body


JSON, CSV = "application/json", "text/csv"
FORMS: Mapping[str, Form] = MappingProxyType({
    form.name: form for form in (
        Form("json", "JSON", JSON, _json),
        Form("csv", "CSV", CSV, _csv),
        Form("parquet", "Parquet", "application/vnd.apache.parquet", _file("parquet")),
        Form(
            "xlsx", "XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            _file("xlsx"), is_stable=False,  # a workbook says when it was made
        ),
    )
})  # fmt: skip
"""All of them, by name; the first is usual."""


def forms_in_words() -> str:
    """The names, for people.

    >>> forms_in_words()
    'json, csv, parquet or xlsx'
    """
    *names, last = FORMS
    return f"{', '.join(names)} or {last}"

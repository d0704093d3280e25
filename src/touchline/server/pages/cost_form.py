"""A file of costs in the browser: what its form says, as the importer's options, and the file between two pages.

Nothing is stored before somebody saw the preview: the file goes to the page and comes back with the form.
"""

import base64
import binascii
import gzip
import io
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, get_args

from touchline.characters import cleaned
from touchline.errors import TouchlineError, UsageError
from touchline.files.formats import is_gzipped
from touchline.jobs.importing import COST_SOURCE, Overlap
from touchline.jobs.importing.previews import CostPreview
from touchline.jobs.platforms import declared_platforms
from touchline.server.api.costs import MOST_ROWS
from touchline.server.http.bodies import MAX_INFLATED, MAX_RATIO, most_inflated
from touchline.server.pages.action import Act, FieldError
from touchline.spend import CostFile, CostOptions
from touchline.spend.column_choice import mapping_of
from touchline.spend.cost_formats import CostFormat
from touchline.spend.costs import OPTIONAL, REQUIRED
from touchline.spend.options import options_of
from touchline.spend.written_dates import Order
from touchline.spend.written_numbers import Mark

MOST_FILE = 2_000_000
"""Bytes of a file; larger ones go by the command line."""
MOST_FORM = 3_000_000
"""Bytes of the form that brings it, or brings it back."""
COLUMNS = (*REQUIRED, *OPTIONAL)
"""Our columns, as they can be chosen."""
COST_TEMPLATE = (
    b"date,platform,account_id,campaign_id,campaign_name,impressions,clicks,cost,currency\r\n"
    b"2026-03-02,GOOGLE_ADS,123-456-7890,111,Spring sale,1200,34,12.50,EUR\r\n"
)
"""A file of costs to fill in; its columns are ours, and its row an example."""
_LONGEST_NAME = 200


@dataclass(frozen=True)
class CostForm:
    """What the form says."""

    file: CostFile
    source: str
    overlap: Overlap
    packed: str
    """The file, as the page carries it to the next form."""
    sent: Mapping[str, str]
    problem: UsageError | None
    """What a field says that it cannot say; the file is kept."""


@dataclass(frozen=True)
class Previewed:
    """What the screen shows of a file: what would be stored, or what is missing to read it."""

    form: CostForm
    preview: CostPreview | None
    problem: TouchlineError | None
    """Why it cannot be read yet."""
    columns: tuple[str, ...]
    """Of the file."""
    guesses: Mapping[str, str]
    """By our column, the file's that is probably meant."""


def cost_form(act: Act) -> CostForm:
    """What the form says.

    :raises FieldError: if there is no file, or it is too large.
    """
    name, content = _file_of(act)
    overlap: Overlap = next((one for one in get_args(Overlap) if one == act.text("overlap")), "refuse")
    problem, options = None, CostOptions()
    try:
        options = _options(act, name)
    except UsageError as error:
        problem = error
    file = CostFile(Path(name), content, MOST_ROWS, options)
    return CostForm(file, act.text("source") or COST_SOURCE, overlap, packed(content), act.sent, problem)


def _mapping(act: Act, name: str) -> CostFormat | None:
    try:
        return mapping_of({ours: act.sent.get(f"column-{ours}", "") for ours in COLUMNS}, name)
    except ValueError:
        raise FieldError("column-cost", "Choose the column of the cost, too.") from None


def _options(act: Act, name: str) -> CostOptions:
    known = declared_platforms(act.workspace, act.organization_id)
    said: dict[str, Any] = {
        name: act.text(name) or None for name in ("date", "spread", "currency", "time_zone", "platform")
    }
    order: Order | None = next((one for one in get_args(Order) if one == act.text("order")), None)
    decimal: Mark | None = next((one for one in get_args(Mark) if one == act.text("decimal")), None)
    options = options_of(known, **said, account=act.text("account"), order=order, decimal=decimal)
    return replace(options, mapping=_mapping(act, name))


def _file_of(act: Act) -> tuple[str, bytes]:
    upload = act.uploads.get("file")
    name = upload.name if upload else act.text("name")
    content = upload.content if upload else unpacked(act.sent.get("packed", ""))
    if not content:
        raise FieldError("file", "Choose a file that is not empty.")
    if len(content) > MOST_FILE:
        raise FieldError(
            "file", f"A file in the browser has at most {MOST_FILE:,} bytes.",
            "Export fewer days, or import it on the server: touchline import costs FILE",
        )  # fmt: skip
    name = _plain_name(name)
    if is_gzipped(Path(name)):
        _check_inflation(content)
    return name, content


def _check_inflation(content: bytes) -> None:
    """Refuse a gzipped file that grows beyond what a request may; what is none is refused where it is read."""
    most = most_inflated(len(content))
    with suppress(gzip.BadGzipFile, EOFError, zlib.error), gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
        if len(stream.read(most + 1)) > most:
            raise FieldError(
                "file", f"A gzipped file in the browser unpacks to at most {MAX_INFLATED:,} bytes, and not to"
                f" {MAX_RATIO} times its size.",
                "Export fewer days, or import it on the server: touchline import costs FILE",
            )  # fmt: skip


def _plain_name(name: str) -> str:
    r"""The file's own name: browsers may send folders, too.

    >>> _plain_name("C:\\reports\\meta.csv"), _plain_name("a/b/")
    ('meta.csv', 'b')
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    return cleaned(last)[-_LONGEST_NAME:].strip() or "costs.csv"


def packed(content: bytes) -> str:
    """A file as a form carries it."""
    return base64.b64encode(zlib.compress(content)).decode()


def unpacked(text: str) -> bytes:
    """The file that a form carried.

    :raises FieldError: if it is none.

    >>> unpacked(packed(b"date,cost"))
    b'date,cost'
    """
    try:
        stream = zlib.decompressobj()
        return stream.decompress(base64.b64decode(text, validate=True), MOST_FILE + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise FieldError("file", "The file did not come back with the form.", "Choose it again.") from None

"""Costs in the browser: a file is read and shown first, and stored once somebody says so."""

from touchline.amounts import counted
from touchline.errors import InputError, TouchlineError, UsageError
from touchline.jobs.importing import load_costs
from touchline.jobs.importing.previews import CostPreview, preview_costs
from touchline.server.pages.action import Act, Action, Done, Shown
from touchline.server.pages.cost_form import MOST_FORM, CostForm, Previewed, cost_form
from touchline.spend.column_choice import columns_of, guessed

_ABOUT = {"file": "file", "source": "source"}


def preview(act: Act) -> Shown:
    """Show what would be stored of a file; nothing is."""
    return Shown(_previewed(act, cost_form(act)))


def store(act: Act) -> Done | Shown:
    """Store a file by the importer; where it cannot be stored, show it again, with the reason."""
    form = cost_form(act)
    if form.problem:
        return Shown(_previewed(act, form))
    try:
        report = load_costs(
            act.workspace, [form.file], organization_id=act.organization_id, source=form.source, now=act.now,
            overlap=form.overlap,
        )  # fmt: skip
    except (InputError, UsageError):  # what is known changed since the preview, or a field did
        return Shown(_previewed(act, form))
    refused = f" {counted(report.rejected.total(), 'row')} refused: see below." if report.rejected else ""
    return Done(
        f"{counted(report.accepted, 'row')} of {form.file.path.name} stored.{refused}"
        " The next run counts them, usually within a minute."
    )


def _previewed(act: Act, form: CostForm) -> Previewed:
    preview: CostPreview | None = None
    problem: TouchlineError | None = form.problem
    try:
        preview = None if problem else preview_costs(
            act.workspace, form.file, organization_id=act.organization_id, source=form.source, now=act.now,
            overlap=form.overlap,
        )  # fmt: skip
    except (InputError, UsageError) as error:
        problem = error
    try:
        columns = columns_of(form.file)
    except InputError:
        columns = ()
    chosen = {ours: said for key, said in form.sent.items() if (ours := key.removeprefix("column-")) != key and said}
    return Previewed(form, preview, problem, columns, chosen or guessed(columns))


ACTIONS = (
    Action("imports", "preview", "editor", preview, _ABOUT, MOST_FORM, has_file=True),
    Action("imports", "store", "editor", store, _ABOUT, MOST_FORM, has_file=True),
)

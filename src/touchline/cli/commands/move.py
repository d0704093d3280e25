"""``move``: the ledger, from the home's file to PostgreSQL, or back."""

from typing import TYPE_CHECKING

from rich.text import Text

from touchline.amounts import counted
from touchline.cli.answer import COMMON, Answer, Options, Switch
from touchline.cli.clock import now_micros
from touchline.cli.terminal import number, progress, stacked, table, visible
from touchline.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.moving import Moved, Plan
    from touchline.settings import Home


def move(*, to: str = "", check: Switch = False, cancel: Switch = False, options: Options = COMMON) -> Answer:
    """Move the ledger, while a running server goes on collecting: everything in it, under the same numbers.

    A move that was cut off goes on if the command is given again. The old ledger stays as it is, and refuses whatever
    is written to it.

    :param to: postgresql://user:password@host:5432/database, an empty database; or file, the home's own ledger.db.
    :param check: say what there is to move and about how long it takes, and move nothing.
    :param cancel: give up a move that has not come to its end.
    """
    from touchline.jobs import moving

    home = options.place
    if cancel:
        is_any = moving.cancel_move(home)
        said = "The move is given up; delete what was copied." if is_any else "No move of this ledger has begun."
        return Answer({"is_cancelled": is_any}, lambda: Text(said))
    if not to:
        raise UsageError("Where is the ledger to go?", "Give --to postgresql://… or --to file.")
    if check:
        return _planned(moving.plan_of(home, to))
    with progress("Moving the ledger", is_quiet=options.json) as reported:
        moved = moving.move_home(home, to, now=now_micros(), progress=reported)
    return _moved(home, to, moved)


def _planned(plan: "Plan") -> Answer:
    document = {
        "from": plan.source, "to": plan.target, "rows": plan.held.rows, "seconds": round(plan.held.seconds, 1),
        "problem": "" if plan.refusal is None else str(plan.refusal),
    }  # fmt: skip

    def shown() -> "RenderableType":
        rows = [(name, number(count)) for name, count in plan.held.rows.items() if count]
        total = counted(sum(plan.held.rows.values()), "row")
        well = f"{total}, about {plan.held.seconds:,.0f} seconds. Nothing was moved."
        last = str(plan.refusal) if plan.refusal else well
        return stacked(table(f"From {plan.source} to {plan.target}", ("", ">rows"), rows), Text(visible(last)))

    return Answer(document, shown, exit_code=plan.refusal.exit_code if plan.refusal else 0)


def _moved(home: "Home", to: str, moved: "Moved") -> Answer:
    document = {"tables": [each._asdict() for each in moved.tables], "later": moved.later}

    def shown() -> "RenderableType":
        rows = [(each.table, number(each.rows), each.digest) for each in moved.tables if each.rows]
        setting = "Unset DATABASE_URL" if to == "file" else "Set DATABASE_URL to the new place"
        old = "the old database" if to == "file" else str(home.ledger_file)
        later = f"{counted(moved.later, 'row')} changed after this was compared; each was compared, too."
        until = "until then it collects into the new place, and shows the old numbers."
        last = (
            f"The ledger is moved. {later}",
            f"Next: {setting} for the server and all commands, and start the server again; {until}",
            f"Then delete {old}: it still holds everything, and nobody is erased in it any more.",
        )
        equal = table("Equal at both ends", ("", ">rows", "digest"), rows)
        return stacked(equal, *(Text(visible(line)) for line in last))

    return Answer(document, shown)


COMMAND = move

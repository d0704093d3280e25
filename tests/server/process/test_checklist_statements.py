"""Each statement of the deployment checklist has a test in which it is well, and one in which it is not."""

import ast
import re
from pathlib import Path

import touchline
from touchline.server.process import deployment

HERE, PACKAGE = Path(__file__).parent, Path(touchline.__file__).parent
_SERVED = "test_deployment_served.py::"
_ALL, _LEDGER = f"{_SERVED}each_point_is_of_the_server", f"{_SERVED}points_of_the_ledger_follow"
_ENDED = f"{_SERVED}without_the_server_its_ledger_is_followed"
_MENDED = f"{_SERVED}a_home_that_others_can_read_and_a_backup"
_IN_PROCESS = "test_deployment.py::"
_OPTIONS, _PARTS = f"{_IN_PROCESS}test_what_the_options_mean", f"{_IN_PROCESS}test_each_part_is_what_the_server_says"
_TOLD, _ASKED = f"{_IN_PROCESS}test_what_the_ledger_says", f"{_IN_PROCESS}test_the_server_is_asked_itself"

STATEMENTS: dict[str, tuple[str, str]] = {
    "home": (_ALL, f"{_SERVED}test_a_folder_that_is_no_home"),
    "home's mode": (_ALL, _MENDED),
    "settings": (_ALL, _OPTIONS),
    "ledger": (_ALL, "../../cli/test_doctor.py::"),
    "CRON_SECRET": (_OPTIONS, _ALL),
    "public URL": (_ALL, _OPTIONS),
    "proxies": (f"{_IN_PROCESS}test_proxies_are_asked_for", _OPTIONS),
    "limits": (_PARTS, _ALL),
    "key of the pages": (_ALL, _LEDGER),
    "monitoring": (_ALL, _TOLD),
    "users": (_LEDGER, _ALL),
    "cookies of": (f"{_IN_PROCESS}test_how_long_cookies_last", "test_cookie_lifetimes.py::"),
    "jobs": (_ALL, f"{_IN_PROCESS}test_a_job_is_overdue"),
    "last run": (_ALL, "../../cli/test_doctor.py::"),
    "tracking endpoint": (_LEDGER, _ALL),
    "backup": (_ALL, _MENDED),
    "server": (_ALL, _ENDED),
    "river": (_PARTS, _PARTS),
    "keeper": (_PARTS, _PARTS),
    "disk": (_PARTS, _PARTS),
    "waste API": (_ALL, _ASKED),
}
"""By the statement, the tests in which it is well and in which it is not; those of ``test_deployment_served`` judge a
server that runs, with another environment than the shell's."""
_ELSEWHERE = frozenset({"home", "cookies of", "last run"})
"""Statements that other modules make."""


def made() -> set[str]:
    """The names of the statements that the checklist's own modules make."""
    found = set()
    for file in (deployment.__file__, PACKAGE / "jobs" / "doctor" / "backups.py"):
        for one in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
            if (
                isinstance(one, ast.Call)
                and getattr(one.func, "id", "") == "Check"
                and isinstance(one.args[0], ast.Constant)
            ):
                found.add(str(one.args[0].value))
    parts = re.search(r"for name in \((.*)\):", Path(deployment.__file__).read_text(encoding="utf-8"))
    assert parts is not None
    return found | set(re.findall(r"\"(\w+)\"", parts[1]))


def test_each_statement_has_a_test_in_which_it_is_well_and_one_in_which_it_is_not() -> None:
    assert STATEMENTS.keys() - _ELSEWHERE == made() - _ELSEWHERE
    for name, tests in STATEMENTS.items():
        for test in tests:
            file, _, function = test.partition("::")
            source = (HERE / file).read_text(encoding="utf-8")
            assert name in source or name in _ELSEWHERE, test
            assert f"def {function}" in source, test

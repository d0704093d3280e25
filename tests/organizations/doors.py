"""Every door through which something can be read or changed, and how each is tried.

A command, a route or a report that stands in no list here makes a test fail: whoever adds one says what it may show.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cyclopts import App

from tests.organizations.homes import ORGANIZATIONS
from tests.organizations.told import EMAILS, ORDERS, USERS, VISITORS
from touchline.cli import app

Words = Sequence[object]

READ: Mapping[str, Sequence[Words]] = {
    "report attribution": [(), ("--by", "campaign", "--basis", "TOUCH", "--goal", ""), ("--currency", "USD")],
    "report accounts": [(), ("--model", "LINEAR")],
    "report devices": [()],
    "report conversions": [(), ("--channel", "Email", "--model", "LINEAR"), ("--limit", "2", "--goal", "")],
    "report countries": [()],
    "report performance": [(), ("--per", "month"), ("--basis", "TOUCH")],
    "report completeness": [("--day", "2026-02-10"), ("--day", "2026-02-10", "--site", "{organization}-example")],
    "report tree": [(), ("--under", "Direct", "--model", "LINEAR")],
    "report funnel": [(), ("--site", "{organization}-example")],
    "report mix": [(), ("--layout", "wide")],
    "report tagging": [()],
    "report journeys": [(), ("--limit", "3"), ("--site", "{organization}-example")],
    "report models": [("--by", "platform")],
    "report intervals": [(), ("--by", "campaign")],
    "report html": [("/dev/null",)],
    "waste": [(), ("--grain", "PLATFORM"), ("--site", "{organization}-example"), ("--site", "{other}-example")],
    "health": [(), ("--site", "{organization}-example")],
    "health alarms": [(), ("--site", "{organization}-example"), ("--site", "{other}-example")],
    "health chart": [
        ("landings", "--svg", "/dev/null"),
        ("landings", "--svg", "/dev/null", "--site", "{organization}-example"),
    ],
    "health note list": [()],
    "alarm list": [()],
    "explain conversion": [(order,) for order in ORDERS] + [("no-such-order",)],
    "explain person": [(name,) for name in (VISITORS[0], USERS[0], USERS[1], EMAILS[0], "nobody")],
    "assess": [()],
    "doctor": [()],
    "export person": [("--visitor", VISITORS[0]), ("--user", USERS[0], "--proven-only"), ("--visitor", "nobody")],
    "query": [
        ("select count(*) as n, sum(value_micros) as micros from conversions_all",),
        ("select * from persons order by 2",),
        ("select distinct landing_url from main.sessions order by 1",),
    ],
    "rejected": [("--show", 20)],
    "audit": [("--limit", 0)],  # entries have times; that they are of one organization, test_repeating_erasures shows
    "processing": [()],
    "channels diff": [("current", "ga4"), ("defaults", "seed")],
    "fit list": [()],
    "fit schedule list": [()],
    "fit show": [("MARKOV/{organization}/2026-02-10/v1",), ("MARKOV/{other}/2026-02-10/v1",)],
    "goal list": [()],
    "key list": [()],
    "settings": [()],
    "settings list": [()],
    "site list": [()],
    "site snippet": [("--server", "https://t.example")],
    "target list": [()],
    "alias list": [()],
    "site costs list": [()],
    "lift list": [()],
    "finding list": [()],
    "platform list": [()],
    "model list": [()],
}
"""Commands that change nothing, with the words after each that are tried."""

CHANGE: Mapping[str, Sequence[Words]] = {
    "import events": [("{folder}/events.jsonl",)],
    "export tables": [("links_all", "costs", "main.tracking_events", "--to", "{folder}/out.sqlite")],
    "import costs": [("{folder}/costs.csv",)],
    "import claims": [("{folder}/claims.csv",)],
    "import rates": [("{folder}/rates.csv",)],
    "import touches": [("{folder}/none.db",)],
    "claims withdraw": [("{folder}/claims.csv",)],
    "claims separate": [("{folder}/claims.csv",)],
    "goal set": [("late", "--event-name", "late")],
    "goal remove": [("late",)],
    "target set": [("--platform", "META", "--roas", 2)],
    "target remove": [("--platform", "META")],
    "alias add": [("sale", "--platform", "META", "--campaign", "none")],
    "alias remove": [("sale", "--platform", "META")],
    "lift add": [("--channel", "Email", "--factor", "0.5", "--source", "A holdout", "--start", "2026-02-01")],
    "lift remove": [("--channel", "Email", "--start", "2026-02-01")],
    "finding set": [("w_0123456789abcdef", "accepted")],
    "finding remove": [("w_0123456789abcdef",)],
    "health ack": [("a_0123456789abcdef", "--by", "ann")],
    "health mute": [("a_0123456789abcdef", "--until", "2290-01-01")],
    "health note add": [("2026-02-11", "A sale"), ("2026-02-10", "A deploy", "--site", "{organization}-example")],
    "health note remove": [(99,)],
    "alarm add email": [("ops@shop.example",)],
    "alarm add webhook": [("http://hooks.example/",)],
    "alarm test": [("nobody",)],
    "alarm remove": [("email-1",)],
    "platform add": [("PODCASTS",)],
    "platform remove": [("PODCASTS",)],
    "model add": [("amplitude",)],
    "model remove": [("AMPLITUDE_J_SHAPED",)],
    "settings set": [("lookback_days", 20)],
    "site costs add": [("{organization}-example", "--platform", "META", "--account", "none")],
    "site costs remove": [("--platform", "META", "--account", "none")],
    "site add": [("{organization}-blog.example",)],
    "key create": [("--site", "{organization}-example", "--kind", "secret")],
    "key rotate": [("key_of_nobody",)],
    "key revoke": [("key_of_nobody",)],
    "fit schedule set": [("--every", "week")],
    "fit schedule remove": [("MARKOV",)],
    "fit make": [("--kind", "MARKOV", "--window-end", "2026-02-12")],
    "erase": [
        ("--visitor", VISITORS[1], "--dry-run"), ("--user", USERS[0], "--dry-run"), ("--email-hash", EMAILS[0]),
        ("--visitor", VISITORS[0], "--proven-only"), ("--visitor", "nobody"),
    ],
}  # fmt: skip
"""Commands that change an organization, in the order in which they are tried."""

OF_AN_ORGANIZATION: Mapping[str, Sequence[Words]] = {**READ, **CHANGE}

OF_THE_HOME: Mapping[str, str] = {
    "init": "makes a home",
    "organization add": "adds an organization",
    "organization list": "names the organizations of the home, for whom it belongs to",
    "demo": "makes a home",
    "runs": "shows what each run did, for whom the home belongs to",
    "run": "brings all numbers up to date, and counts rows of all",
    "serve": "serves all organizations",
    "service install": "has systemd serve all organizations",
    "service remove": "ends that",
    "backup": "copies the whole ledger",
    "move": "moves the whole ledger",
    "export ledger": "writes the whole ledger to files",
    "export dbt": "writes the statements, and the tables of all organizations that Python makes, for one warehouse",
    "restore": "makes a home",
    "sql": "prints the product's statements",
    "channels show": "shows the rules of the home",
    "channels use": "changes the rules by which all organizations' channels are named",
    "channels reset": "likewise",
    "model presets": "prints what the product has",
    "classify": "reads the files that it is given, and no home",
    "upgrade": "brings the whole ledger to the schema of the release",
    "user add": "lets a person in, of one organization or of all",
    "user set": "changes that",
    "user password": "changes a password",
    "user list": "names those who may log in, for whom the home belongs to",
    "user remove": "lets a person in no more",
}
"""Commands for whom the home belongs to; none prints what an organization was told."""

ROUTES: Mapping[str, str] = {
    "POST /api/track": "takes events in, with a key of one site",
    "GET /t.js": "the tracker, the same for everybody",
    "GET /healthz": "whether the process answers",
    "GET /readyz": "how the server is; of no data",
    "GET /metrics": "asked in test_serving",
    "GET /api/reports": "names the reports",
    "GET /api/reports/{name:str}": "names the reports",
    "GET /api/waste": "asked in test_serving",
    "GET /api/health/funnel": "asked in tests/server/api/test_health.py",
    "GET /api/health/measures": "asked in tests/server/api/test_health.py",
    "GET /api/health/series": "asked in tests/server/api/test_health.py",
    "GET /api/health/signals": "asked in tests/server/api/test_health.py",
    "GET /api/health/alarms": "asked in tests/server/api/test_health.py",
    "POST /api/costs": "asked in test_serving",
    "POST /api/query": "asked in test_serving",
    "POST /api/cron/{job:str}": "a run, for who has the secret of the server",
    "GET /api/cron/{job:str}": "a run, for who has the secret of the server",
    "POST /api/login": "begins a session",
    "POST /api/logout": "ends a session",
    "GET /api/session": "names the person",
    "POST /api/session/password": "changes the password of the person who asks",
    "GET /api/openapi.json": "describes the server",
    **dict.fromkeys(
        (
            "GET /api/manage/organizations",
            "POST /api/manage/organizations",
            "GET /api/manage/sites",
            "POST /api/manage/sites",
            "GET /api/manage/sites/{site_id:str}",
            "PUT /api/manage/sites/{site_id:str}",
            "GET /api/manage/keys",
            "POST /api/manage/keys",
            "POST /api/manage/keys/{key_id:str}/rotate",
            "DELETE /api/manage/keys/{key_id:str}",
            "GET /api/manage/users",
            "POST /api/manage/users",
            "PUT /api/manage/users/role",
            "PUT /api/manage/users/password",
            "DELETE /api/manage/users",
            "GET /api/manage/goals",
            "PUT /api/manage/goals",
            "DELETE /api/manage/goals",
            "GET /api/manage/targets",
            "PUT /api/manage/targets",
            "DELETE /api/manage/targets",
            "GET /api/manage/settings",
            "PUT /api/manage/settings/{setting:str}",
        ),
        "asked in tests/server/api/test_managing.py",
    ),
}
"""Routes beside those of reports, and what each tells."""


def filled(words: Words, organization: str, folder: Path = Path()) -> list[str]:
    """The words of a door, for one of the two organizations, with files in a folder."""
    (other,) = {*ORGANIZATIONS} - {organization}
    return [str(word).format(organization=organization, other=other, folder=folder) for word in words]


def commands() -> list[str]:
    """Every command there is, by its words."""
    return sorted(_commands(app))


def _commands(group: App, words: tuple[str, ...] = ()) -> Iterator[str]:
    for name in (name for name in group if not name.startswith("-")):
        if group[name].default_command is not None:
            yield " ".join((*words, name))
        yield from _commands(group[name], (*words, name))

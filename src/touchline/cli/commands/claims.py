"""``claims``: what the owner's own systems said about who is who."""

from functools import partial
from pathlib import Path

from cyclopts import App

from touchline.cli.answer import SCOPE, Answer, Scope, Whole
from touchline.cli.claims_shown import document_of as claims_document
from touchline.cli.claims_shown import reconciled, refused_claims
from touchline.cli.clock import now_micros

claims = App(name="claims", help="Manage identity claims: which ids your own systems say belong to the same person.")


@claims.command(name="withdraw")
def withdraw_claims(*files: Path, source: str = "csv", site: str | None = None, scope: Scope = SCOPE) -> Answer:
    """Withdraw claims that were wrong; the next run separates the people again.

    :param files: files like those of `touchline import claims`, with the claims to withdraw.
    :param source: the system that made the claims; claims from other systems are kept.
    :param site: the site of the visitors; required if a row names a visitor and the organization has several sites.
    """
    from touchline.jobs import claiming

    with scope.opened() as workspace:
        report = claiming.withdraw_claims(
            workspace, files, organization_id=scope.organization, site_id=site, source=source
        )
    return Answer(claims_document(report, ()), partial(reconciled, report, (), "claims withdrawn"))


@claims.command(name="separate")
def separate(*files: Path, site: str | None = None, show_rejected: Whole = 3, scope: Scope = SCOPE) -> Answer:
    """Say that ids are not the same person's, even if events or claims show them together; the next run separates them.

    To take it back, withdraw the same file with `--source separated`.

    :param files: files like those of `touchline import claims`, each row with the two ids to keep apart.
    :param site: the site of the visitors; required if a row names a visitor and the organization has several sites.
    :param show_rejected: how many rejected rows to show for each reason.
    """
    from touchline.jobs import claiming

    now = now_micros()
    with scope.opened() as workspace:
        report = claiming.separate(workspace, files, organization_id=scope.organization, site_id=site, now=now)
        refused = refused_claims(workspace, report, now, show_rejected, scope.organization)
    return Answer(claims_document(report, refused), partial(reconciled, report, refused, "claims accepted"))


COMMAND = claims

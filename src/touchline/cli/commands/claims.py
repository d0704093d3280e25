"""``claims``: what the owner's own systems said about who is who."""

from functools import partial
from pathlib import Path

from cyclopts import App

from touchline.cli.answer import SCOPE, Answer, Scope
from touchline.cli.claims_shown import document_of as claims_document
from touchline.cli.claims_shown import reconciled

claims = App(name="claims", help="What your own systems said about which ids are one person's.")


@claims.command(name="withdraw")
def withdraw_claims(*files: Path, source: str = "csv", site: str | None = None, scope: Scope = SCOPE) -> Answer:
    """Take back claims that turned out to be wrong; the next run sets the persons apart again.

    :param files: files like those of `touchline import claims`, with the claims to take back.
    :param source: the system that had said it; what others say stands.
    :param site: the site of the visitors; needed where the organization has several and a row names a visitor.
    """
    from touchline.jobs import claiming

    with scope.opened() as workspace:
        report = claiming.withdraw_claims(
            workspace, files, organization_id=scope.organization, site_id=site, source=source
        )
    return Answer(claims_document(report, ()), partial(reconciled, report, (), "claims withdrawn"))


COMMAND = claims

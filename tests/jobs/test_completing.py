"""What waits in the ledger is read without a loss of the locks that the process has on the ledger's file."""

import os
from pathlib import Path

from tests.jobs.conftest import NOW, Tell
from touchline.jobs import running
from touchline.jobs.completing import completeness
from touchline.jobs.workspace import Workspace


def _locks(file: Path) -> list[str]:
    """Those of this process on the file, as Linux has them."""
    inode, mine = file.stat().st_ino, str(os.getpid())
    lines = [line.split() for line in Path("/proc/locks").read_text(encoding="ascii").splitlines()]
    return [words[3] for words in lines if words[4] == mine and words[5].endswith(f":{inode}")]


def test_a_look_at_what_waits_keeps_the_locks_on_the_ledger(workspace: Workspace, tell: Tell) -> None:
    """Without them, the next process that closes the ledger deletes the log into which this one writes."""
    tell({"eventId": "1", "anonId": "v"})
    running.run(workspace)
    tell({"eventId": "2", "anonId": "w"})
    home = workspace.home
    workspace.close()
    with Workspace(home) as server:
        organization_id = server.organization()["organization_id"]
        assert _locks(home.ledger_file) != []
        found = completeness(server, organization_id, now=NOW + 86_400_000_000)
        assert [part.counted for part in found.parts if part.part == "waiting"] == [1]
        assert _locks(home.ledger_file) != []

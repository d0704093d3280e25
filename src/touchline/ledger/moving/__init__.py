"""Moving a ledger to another database while it goes on collecting."""

from touchline.ledger.move_marks import MovedError
from touchline.ledger.moving.checking import Checked
from touchline.ledger.moving.contents import Held, contents, size_of
from touchline.ledger.moving.ground import Ground
from touchline.ledger.moving.mover import Moved, Told, cancel, move, refusal_of
from touchline.ledger.moving.opening import ground_at

__all__ = [
    "Checked", "Ground", "Held", "Moved", "MovedError", "Told", "cancel", "contents", "ground_at", "move",
    "refusal_of", "size_of",
]  # fmt: skip

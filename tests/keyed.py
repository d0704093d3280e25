"""Hashes as the homes of tests store them."""

from touchline.demo import HASH_KEY
from touchline.ledger.hash_key import HashKey

keyed = HashKey(HASH_KEY).keyed
"""A text under the key of every home that a test makes in its own process."""

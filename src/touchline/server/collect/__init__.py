"""The hot path: tracked requests, from their head to their commit in the ledger."""

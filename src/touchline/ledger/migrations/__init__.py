"""The ledger's schema, release by release."""

"""What a person or a clock asks for, done with ledger and engine together."""

"""Answers for people and programs, read from the river's tables; nothing here writes to them."""

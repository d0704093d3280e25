"""The doctor: what is in order with a home, what is not, and what to do next. It changes no number."""

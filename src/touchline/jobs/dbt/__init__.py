"""The river as a dbt project: its statements, run in a warehouse by dbt, and what Python makes of them as seeds."""

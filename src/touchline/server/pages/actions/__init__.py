"""What forms do, one file for each screen that has some: a new file gets its routes."""

"""The processes of a server: who starts, keeps, ticks and ends them."""

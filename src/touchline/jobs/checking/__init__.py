"""What the processes of a long import do; they start with this package, which imports no more than checking takes."""

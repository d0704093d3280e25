"""Every screen, one file each: a new file gets its route and its entry in the rail."""

"""What is changed of an organization by a form, over HTTP or by a command, each with its entry in the audit log."""

"""The server as a service of systemd: of the machine, or of one user. See docs/howto/install.md."""

"""The browser's side: the script that pages load, and the cookie that names their visitor."""

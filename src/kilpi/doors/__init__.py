"""How photos come in without a browser: watched folders and mailboxes. And when each of them last looked."""

"""A real IMAP server (dovecot) and an SMTP sink for the tests: on loopback, as nobody, gone at the end."""

from __future__ import annotations

import imaplib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

USER, PASSWORD = "photos", "hush"  # of the mailbox
RUN_AS = "nobody"
CONF = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = kilpi-test
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  process_min_avail = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """A server with one mailbox. `folder` holds it, so it survives `kill` and `start`."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        as_user = ["runuser", "-u", RUN_AS, "--"] if os.getuid() == 0 else []
        command = [*as_user, "/usr/sbin/dovecot", "-F", "-c", str(self.folder / "dovecot.conf")]
        until = time.monotonic() + 20
        while True:
            # Again where it ended: the sockets of one that was just killed may still answer it.
            if self.process is None or self.process.poll() is not None:
                self.process = subprocess.Popen(
                    command,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                    cwd="/tmp",
                )
            try:
                self.connect().logout()
                return
            except (OSError, imaplib.IMAP4.error):
                if time.monotonic() > until:
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.1)

    def kill(self) -> None:
        """As a power cut would: the whole group of processes at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            (self.folder / "run" / "master.pid").unlink(missing_ok=True)

    def connect(self) -> imaplib.IMAP4:
        box = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        box.login(USER, PASSWORD)
        return box

    def put(self, mail: bytes, folder: str = "INBOX") -> None:
        box = self.connect()
        box.append(folder, None, None, mail)
        box.logout()

    def count(self, folder: str = "INBOX") -> int:
        box = self.connect()
        status, found = box.select(folder, readonly=True)
        box.logout()
        return int(found[0] or 0) if status == "OK" else 0

    def new_uidvalidity(self) -> None:
        """As after a restore from a backup: the same mails under other UIDs."""
        for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"):
            (self.folder / "mail" / USER / name).unlink(missing_ok=True)


def there() -> bool:
    return Path("/usr/sbin/dovecot").exists()


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """A running server. The folder's name is short: sockets need that."""
    import grp
    import pwd

    with tempfile.TemporaryDirectory(prefix="kilpi-imap-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder, user = Path(name), pwd.getpwnam(RUN_AS) if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        for part in ("run", "state", "mail", "home"):
            (folder / part).mkdir()
        server = Dovecot(folder, free_port())
        text = CONF.format(
            folder=folder, user=user.pw_name, group=grp.getgrgid(user.pw_gid).gr_name, uid=user.pw_uid,
            gid=user.pw_gid, password=PASSWORD, port=server.port,
        )  # fmt: skip
        (folder / "dovecot.conf").write_text(text)
        if os.getuid() == 0:
            for path in [folder, *folder.iterdir()]:
                shutil.chown(path, user.pw_uid, user.pw_gid)
        server.start()
        try:
            yield server
        finally:
            server.kill()

"""Real mail servers for tests: Dovecot and Postfix from Debian, private instances on free ports in one folder.

Rule: nothing of the machine's own mail is read or changed. Both need root: they start daemons under several users.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = "sesame-0pen"
USERS = ("feedback@jade.example", "ann.lee@example.net", "away@example.net")


def packages() -> list[str]:
    """The Debian packages that these tests need."""
    return ["dovecot-imapd", "dovecot-lmtpd", "dovecot-sieve", "postfix"]


def missing() -> str:
    """Why the servers cannot run here, "" where they can."""
    if os.geteuid() != 0:
        return "Postfix and Dovecot can only be started by root"
    for program in ("dovecot", "postfix", "doveadm"):
        if not shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin"):
            return f"{program} is not installed (apt-get install {' '.join(packages())})"
    version = subprocess.run(["/usr/sbin/dovecot", "--version"], capture_output=True, text=True, check=True).stdout
    return "" if version.startswith("2.3.") else f"Dovecot {version.split()[0]} wants other settings than 2.3"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class MailHouse:
    """Where everything is. `direct` is the port at which Motline's own LMTP server is expected for direct.example."""

    folder: Path
    smtp: int = field(default_factory=free_port)
    imap: int = field(default_factory=free_port)
    imaps: int = field(default_factory=free_port)
    lmtp: int = field(default_factory=free_port)
    auth: int = field(default_factory=free_port)
    direct: int = field(default_factory=free_port)

    @property
    def ca_file(self) -> str:
        return str(self.folder / "cert.pem")

    def mails(self, user: str) -> list[bytes]:
        """The mails in somebody's inbox, oldest first."""
        inbox = self.folder / "mail" / user
        files = [file for box in ("new", "cur") for file in (inbox / box).glob("*") if file.is_file()]
        return [file.read_bytes() for file in sorted(files, key=lambda file: file.stat().st_mtime)]

    def kick(self, user: str) -> None:
        """Break somebody's IMAP connections."""
        doveadm = ["/usr/bin/doveadm", "-c", str(self.folder / "dovecot.conf"), "kick", user]
        subprocess.run(doveadm, check=False, capture_output=True)

    def log(self) -> str:
        """What the servers said, for a failing test."""
        files = (self.folder / "dovecot.log", self.folder / "postfix.log")
        return "\n".join(file.read_text(errors="replace")[-3_000:] for file in files if file.exists())


@contextmanager
def running() -> Iterator[MailHouse]:
    """Both servers, started; stopped and removed afterwards."""
    house = MailHouse(Path(tempfile.mkdtemp(prefix="motline-mail-")))
    house.folder.chmod(0o755)
    _write(house)
    dovecot = ["/usr/sbin/dovecot", "-c", str(house.folder / "dovecot.conf")]
    postfix = ["/usr/sbin/postfix", "-c", str(house.folder / "postfix")]
    try:
        for command in (dovecot, [*postfix, "start"]):
            _run(command, house)
        for port in (house.imap, house.lmtp, house.smtp):
            _await_port(port, house)
        yield house
    finally:
        for command in ([*postfix, "stop"], [*dovecot, "stop"]):
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        shutil.rmtree(house.folder, ignore_errors=True)


def _run(command: list[str], house: MailHouse) -> None:
    """Into a file: the daemons keep what they are given open."""
    said = house.folder / "started.log"
    with said.open("w") as out:
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{command[0]} did not start: {said.read_text()} {house.log()}")


def _await_port(port: int, house: MailHouse) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing listens at {port}: {house.log()}")


def _write(house: MailHouse) -> None:
    _certificate(house.folder)
    for name in ("mail", "run", "state", "sieve", "postfix", "queue", "data"):
        (house.folder / name).mkdir()
    shutil.chown(house.folder / "mail", "mail", "mail")
    shutil.chown(house.folder / "data", "postfix")
    owner = pwd.getpwnam("mail")
    whose = f"{owner.pw_uid}:{owner.pw_gid}::{house.folder}/mail"
    (house.folder / "users").write_text("".join(f"{user}:{{PLAIN}}{PASSWORD}:{whose}/{user}::\n" for user in USERS))
    away = 'require ["vacation"];\nvacation :days 1 :subject "Gone fishing" "I am away until Monday.";\n'
    (house.folder / "sieve" / "away@example.net.sieve").write_text(away)
    shutil.chown(house.folder / "sieve", "mail", "mail")
    (house.folder / "dovecot.conf").write_text(_dovecot(house))
    (house.folder / "postfix" / "main.cf").write_text(_main_cf(house))
    (house.folder / "postfix" / "master.cf").write_text(_master_cf(house))


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx.jade.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(pem)
    ssl.create_default_context(cafile=str(folder / "cert.pem"))


def _dovecot(house: MailHouse) -> str:
    return f"""
base_dir = {house.folder}/run
state_dir = {house.folder}/state
log_path = {house.folder}/dovecot.log
instance_name = motline-{house.imap}
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{house.folder}/cert.pem
ssl_key = <{house.folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0 secs
recipient_delimiter = +
first_valid_uid = 1
mail_location = maildir:{house.folder}/mail/%u
mail_plugins =
submission_host = 127.0.0.1:{house.smtp}
postmaster_address = postmaster@jade.example
hostname = mx.jade.example
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {house.folder}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {house.folder}/users
}}
service imap-login {{
  inet_listener imap {{
    port = {house.imap}
  }}
  inet_listener imaps {{
    port = {house.imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {house.lmtp}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  inet_listener {{
    port = {house.auth}
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:{house.folder}/mail/%u/sieve;active={house.folder}/sieve/%u.sieve
  sieve_vacation_send_from_recipient = yes
}}
"""


def _main_cf(house: MailHouse) -> str:
    return f"""
compatibility_level = 3.6
queue_directory = {house.folder}/queue
data_directory = {house.folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {house.folder}/postfix.log
maillog_file_prefixes = {house.folder}
syslog_name = motline-{house.smtp}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.jade.example
mydestination =
local_transport = error:no local mail
default_transport = error:nothing leaves this machine
virtual_mailbox_domains = jade.example example.net direct.example
virtual_transport = lmtp:inet:127.0.0.1:{house.lmtp}
transport_maps = inline:{{ {{direct.example = lmtp:inet:127.0.0.1:{house.direct}}} }}
virtual_alias_maps = inline:{{ {{reply@jade.example = feedback@jade.example}} }}
recipient_delimiter = +
smtpd_tls_cert_file = {house.folder}/cert.pem
smtpd_tls_key_file = {house.folder}/key.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{house.auth}
smtpd_relay_restrictions = permit_sasl_authenticated, permit_auth_destination, reject
smtpd_recipient_restrictions =
notify_classes =
biff = no
alias_maps =
alias_database =
"""


def _master_cf(house: MailHouse) -> str:
    return f"""
127.0.0.1:{house.smtp} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""

"""The doctor on email: the servers, the way back for answers, and what the name system says of the sender.

Rule: what decides whether mail arrives at all (SPF, DKIM, DMARC) is read from where the receivers read it.
Standards: RFC 7208 (SPF), 6376 (DKIM), 7489 (DMARC).
"""

from __future__ import annotations

import base64
import re
from email.utils import parseaddr
from pathlib import Path

from bot.config import Config
from bot.doctor_findings import Finding, Tools
from channels.email import EmailChannel


async def email(config: Config, tools: Tools) -> list[Finding]:
    """Signs in where mail leaves and where answers come in."""
    channel = tools.channels["email"]
    assert isinstance(channel, EmailChannel)
    settings = config.email
    await channel.start()
    findings = [Finding("good", "email", f"{settings.smtp_host}:{settings.smtp_port} takes our mail")]
    if settings.smtp_security == "none" and settings.smtp_password:
        what = "the mail password travels in clear (email.smtp_security = 'none')"
        findings.append(Finding("warning", "email", what, "set it to 'starttls' or 'tls'"))
    return findings


async def answers(config: Config, tools: Tools) -> list[Finding]:
    """Where customers' answers come in."""
    channel = tools.channels["email"]
    assert isinstance(channel, EmailChannel)
    settings = config.email
    if settings.imap_host:
        await channel.check_mailbox()
        return [Finding("good", "email", f"{settings.imap_folder} at {settings.imap_host} opens for us")]
    if settings.lmtp_port:
        where = f"{settings.lmtp_host}:{settings.lmtp_port}"
        return [Finding("note", "email", f"answers are to be handed over at {where} by LMTP", "see docs/channels.md")]
    if settings.forward_secret:
        return [Finding("note", "email", "answers are to be posted to /webhooks/email by a forwarder")]
    fix = "set email.imap_host (a mailbox), or email.lmtp_port (a mail server of yours), or email.forward_secret"
    return [Finding("problem", "email", "nobody brings us the answers that customers write", fix)]


async def sender_domain(config: Config, tools: Tools) -> list[Finding]:
    """SPF and DMARC of the sender's domain, and whether its mail can be answered."""
    settings = config.email
    domain = parseaddr(settings.sender)[1].rpartition("@")[2].lower()
    findings = [await _spf(domain, tools), await _dmarc(domain, tools)]
    reply = (settings.reply_address or parseaddr(settings.sender)[1]).rpartition("@")[2].lower()
    if not await tools.names.mail_servers(reply) and not await tools.names.addresses(reply):
        fix = "make an MX record for it, or set email.reply_address to an address that takes mail"
        findings.append(Finding("problem", "email", f"{reply} takes no mail, so nobody can answer", fix))
    return findings


async def _spf(domain: str, tools: Tools) -> Finding:
    records = [text for text in await tools.names.texts(domain) if text.lower().startswith("v=spf1")]
    if not records:
        fix = f'make a TXT record at {domain}: "v=spf1 include:<your mail provider> -all"'
        return Finding("problem", "email", f"{domain} has no SPF record: much of our mail will be taken for spam", fix)
    if len(records) > 1:
        fix = "join them to one; receivers take several for none"
        return Finding("problem", "email", f"{domain} has {len(records)} SPF records", fix)
    return Finding("good", "email", f"{domain} says by SPF who may send its mail")


async def _dmarc(domain: str, tools: Tools) -> Finding:
    parts = domain.split(".")
    for at in range(max(1, len(parts) - 1)):
        name = ".".join(parts[at:])
        if any(text.lower().startswith("v=dmarc1") for text in await tools.names.texts(f"_dmarc.{name}")):
            return Finding("good", "email", f"{name} has a DMARC policy")
    fix = f'make a TXT record at _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:postmaster@{domain}"'
    return Finding("warning", "email", f"{domain} has no DMARC policy; Gmail and Yahoo ask for one", fix)


async def signature(config: Config, tools: Tools) -> list[Finding]:
    """Whether the DKIM key that we sign with is the one that the name system shows."""
    settings = config.email
    if not settings.dkim_key_file:
        what = "Motline signs no mail; fine where the mail server signs it (most do)"
        return [Finding("note", "email", what, "else set email.dkim_domain, dkim_selector and dkim_key_file")]
    name = f"{settings.dkim_selector}._domainkey.{settings.dkim_domain}"
    ours = public_key(settings.dkim_key_file)
    records = await tools.names.texts(name)
    shown = [re.sub(r"\s", "", text) for text in records]
    if not shown:
        fix = f'make a TXT record at {name}: "v=DKIM1; k=rsa; p={ours}"'
        return [Finding("problem", "email", f"{name} does not exist: our signatures cannot be checked", fix)]
    if not any(f"p={ours}" in text for text in shown):
        fix = f'correct it to "v=DKIM1; k=rsa; p={ours}", or use the key that belongs to it'
        return [Finding("problem", "email", f"{name} shows another key than email.dkim_key_file holds", fix)]
    return [Finding("good", "email", f"{name} shows the key that we sign with")]


def public_key(file: str) -> str:
    """The public half of a private key in PEM, as a DKIM record shows it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    public = load_pem_private_key(Path(file).read_bytes(), None).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

"""What a receiving mail server says of a mail: the Authentication-Results header (RFC 8601, section 2.2).

    payload   = [CFWS] authserv-id [ CFWS version ] ( no-result / 1*resinfo )
    resinfo   = [CFWS] ";" method [ "/" version ] "=" result [ reasonspec ] [ 1*propspec ]
    propspec  = ptype "." property "=" pvalue

Comments and quoted strings are RFC 5322's. What a sender may choose (the address in smtp.mailfrom, a reason)
stands in them, so nothing inside them is read. The one library that parses this header (authres 1.2.0, 2019)
swallows what it does not understand; here such a header says nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 10_000  # characters of a header; longer ones say nothing
QUOTED = '"'  # what a quoted string is replaced with: no method, result or domain is called so
_TIGHT = re.compile(r"[ \t]*([=./])[ \t]*")  # CFWS is allowed around these


def proven_domain(results: Sequence[str], server: str) -> str | None:
    """The domain of From that `server` checked by DMARC and found to stand for the mail; None: it says no.

    `results` are a mail's headers, the topmost first. That one alone counts: the server that took the mail in
    wrote it, and those below may have come with the mail.
    """
    if not results:
        return None
    parts = parts_of(results[0])
    if not parts or parts[0].split()[:1] != [server.strip().lower()]:
        return None
    said = [words for words in (part.split() for part in parts[1:]) if words and is_dmarc(words[0])]
    if len(said) != 1 or said[0][0].partition("=")[2] != "pass":
        return None  # none, or two that may differ
    domains = [word.partition("=")[2] for word in said[0][1:] if word.startswith("header.from=")]
    return domains[0].rstrip(".") if len(domains) == 1 and QUOTED not in domains[0] else None


def is_dmarc(methodspec: str) -> bool:
    """Whether "dmarc=pass" or "dmarc/1=pass" is meant."""
    return methodspec.partition("=")[0].partition("/")[0] == "dmarc"


def parts_of(header: str) -> list[str]:
    """The header at its semicolons, in lower case, without comments, quoted strings as `QUOTED`.

    Empty where it is not well formed.
    """
    kept: list[str] = []
    depth, quoted, at = 0, False, 0
    text = header[: LONGEST + 1]
    while at < len(text):
        char = text[at]
        if char == "\\" and (depth or quoted):
            at += 1  # a quoted pair: the next character means nothing
        elif quoted:
            quoted = char != '"'
        elif char == '"' and not depth:
            quoted = True
            kept.append(QUOTED)
        elif char == "(":
            depth += 1
            kept.append(" ")
        elif char == ")":
            depth -= 1
        elif not depth:
            kept.append(" " if char in "\r\n\t" else char)
        at += 1
        if depth < 0:
            return []
    if depth or quoted or len(text) > LONGEST:
        return []
    return [_TIGHT.sub(r"\1", part).strip().lower() for part in "".join(kept).split(";")]

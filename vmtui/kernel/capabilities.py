"""What this process may ask of the kernel: CapEff of /proc/self/status, and its user namespace.

capabilities(7), user_namespaces(7). Capabilities are necessary, not sufficient: a security module
can still refuse, so every file is asked for itself; this only explains a refusal beforehand.
"""

from __future__ import annotations

import os
import re

from vmtui.errors import ParseError
from vmtui.kernel.files import PROC, read_system, translated
from vmtui.kernel.flags import CAPABILITIES, USER_NS_INIT_INO

_EFFECTIVE = re.compile(rb"^CapEff:\t([0-9a-f]{1,16})$", re.MULTILINE)


def parse(raw: bytes) -> frozenset[str]:
    """The effective capabilities in the text of a status file, by their names.

    Raises:
        ParseError: there is no CapEff line.
    """
    match = _EFFECTIVE.search(raw)
    if match is None:
        raise ParseError("/proc/PID/status: there is no CapEff line")
    mask = int(match[1], 16)
    return frozenset(
        CAPABILITIES[bit] if bit < len(CAPABILITIES) else f"CAP_{bit}"
        for bit in range(mask.bit_length())
        if mask >> bit & 1
    )


def effective_capabilities(proc: str = PROC) -> frozenset[str]:
    """This process's own, for instance {"CAP_SYS_PTRACE"}; empty for an ordinary user.

    Raises:
        NotPermitted, NotSupported, ParseError: as named.
    """
    return parse(read_system(f"{proc}/self/status"))


def in_initial_user_namespace(proc: str = PROC) -> bool:
    """Whether capabilities hold against the machine; in a container's own namespace they do not.

    Raises:
        NotPermitted: by errno.
    """
    path = f"{proc}/self/ns/user"
    try:
        return os.stat(path).st_ino == USER_NS_INIT_INO
    except FileNotFoundError:
        return True  # a kernel without user namespaces has only the initial one
    except OSError as error:
        raise translated(error, path, of_process=False) from error

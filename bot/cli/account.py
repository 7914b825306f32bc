"""Which account of the operating system a command is run by, as the kernel knows it and not as the environment says."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Final

#: The account that logged in, which su and sudo leave as it is: https://man7.org/linux/man-pages/man5/proc_pid_loginuid.5.html
_LOGIN: Final = Path("/proc/self/loginuid")
#: What stands there where nobody logged in, as in a container or a service: -1 in 32 bits.
_NOBODY: Final = 2**32 - 1


def account(login: Path = _LOGIN) -> str:
    """Name the account that logged in; where the system keeps none, the one that runs the command.

    LOGNAME and USER, which anybody can set, are looked at only on systems without numbers for accounts.
    """
    try:
        import pwd
    except ImportError:
        return getpass.getuser()
    number = _logged_in(login)
    if number is None:
        number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # a container may run as a number alone
        return f"uid {number}"


def _logged_in(file: Path) -> int | None:
    try:
        number = int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if number == _NOBODY else number

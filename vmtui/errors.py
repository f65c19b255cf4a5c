"""The few ways a question to the kernel can fail; `kernel/` raises nothing else.

A message is one sentence that can be shown to the user as it is: it names the file and, where there
is one, the step that would help. Names inside it have gone through `text.display`.
"""


class VmtuiError(Exception):
    """Anything vmtui expects to go wrong."""


class ProcessGone(VmtuiError):
    """The process has exited: an ordinary event, never a reason to show zero."""


class NotPermitted(VmtuiError):
    """The kernel refused (EACCES, EPERM). Root can be refused too; ask per file and per target."""

    def __init__(
        self, sentence: str, unlock: str = "run vmtui as root, or as the process's own user"
    ) -> None:
        super().__init__(sentence)
        self.unlock = unlock
        """The one step that would help; empty where nothing would."""


class NotSupported(VmtuiError):
    """This kernel has no such file, ioctl or feature, or it is switched off."""


class ParseError(VmtuiError):
    """The kernel's answer did not look as documented."""

"""One file per kernel interface: a frozen record, `parse(bytes)`, `read(...)`.

Nothing outside this package opens a file of /proc or /sys, and nothing in it writes to one. Every
failure is one of `vmtui.errors`; what the kernel did not say is `Missing(reason)`.
"""

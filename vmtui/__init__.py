"""vmtui: a memory observatory for Linux in a terminal."""

__version__ = "0.1.0"

"""Text captured from a real kernel; fixtures/README.md says which and how."""

from pathlib import Path

_DIRECTORY = Path(__file__).parent.parent / "fixtures" / "kernel"


def captured(name: str) -> bytes:
    """The bytes of one captured file."""
    return (_DIRECTORY / f"{name}.txt").read_bytes()

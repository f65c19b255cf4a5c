"""The SQLite file: its tables, its marks, how one is made and how one is told from other files.

Parts are deflated values of `codec`, each written against its base: a tick of the same stretch of
`STRETCH` ticks whose number has the lowest bit cleared, so that any moment is at most
`log2(STRETCH)` steps from a whole one. The parts of PID 0 are samples, the positive ones processes
in depth. Negative ones (`place_of`) are the dear parts of the machine, written where they changed
and at the beginning of a stretch, against what was written before in it.
"""

from __future__ import annotations

import sqlite3

from vmtui.observe.machine_depth import PARTS
from vmtui.record.tags import Damaged

APPLICATION_ID = int.from_bytes(b"vmtu", "big")
SCHEMA = 1
STRETCH = 64
"""Ticks from one that stands for itself to the next."""

TABLES = {
    "about": "CREATE TABLE about (key TEXT PRIMARY KEY, value)",
    "classes": "CREATE TABLE classes (id INTEGER PRIMARY KEY, name TEXT, fields TEXT)",
    "ticks": "CREATE TABLE ticks "
    "(number INTEGER PRIMARY KEY, began REAL, ended REAL, taken_at REAL)",
    "parts": "CREATE TABLE parts (id INTEGER PRIMARY KEY, tick INTEGER, pid INTEGER,"
    " base INTEGER, data BLOB)",
    "events": "CREATE TABLE events (id INTEGER PRIMARY KEY, at REAL, kind TEXT, pid INTEGER,"
    " text BLOB)",
    "experiments": "CREATE TABLE experiments (id INTEGER PRIMARY KEY, began REAL, start BLOB,"
    " result BLOB)",
    "moments": "CREATE TABLE moments (id INTEGER PRIMARY KEY, experiment INTEGER,"
    " number INTEGER, base INTEGER, at REAL, data BLOB)",
}
INDICES = {
    "part_of_tick": "CREATE UNIQUE INDEX part_of_tick ON parts (tick, pid)",
    "moment_of_experiment": "CREATE UNIQUE INDEX moment_of_experiment"
    " ON moments (experiment, number)",
}
_EXPECTED = {
    *(("table", name, sql) for name, sql in TABLES.items()),
    *(("index", name, sql) for name, sql in INDICES.items()),
    ("index", "sqlite_autoindex_about_1", None),
}


def empty_file() -> bytes:
    """A recording without anything in it, as bytes of a file that SQLite opens in WAL mode."""
    made = sqlite3.connect(":memory:")
    try:
        made.execute("PRAGMA page_size = 4096")
        made.execute("PRAGMA auto_vacuum = INCREMENTAL")
        made.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        made.execute(f"PRAGMA user_version = {SCHEMA}")
        for sql in (*TABLES.values(), *INDICES.values()):
            made.execute(sql)
        made.commit()
        raw = bytearray(made.serialize())
    finally:
        made.close()
    raw[18:20] = b"\2\2"  # file format: write-ahead log
    return bytes(raw)


def place_of(part: str) -> int:
    """The number, instead of a PID, of one of `machine_depth.PARTS`."""
    return -1 - PARTS.index(part)


def base_of(number: int) -> int:
    """The tick that a tick is written against; itself where it stands for itself."""
    within = number % STRETCH
    return number - within + (within & within - 1)


def check(connection: sqlite3.Connection) -> None:
    """Nothing, if the file is a recording that this vmtui reads.

    Raises:
        Damaged: it is something else, or its schema is not the one it names.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise Damaged("it is a database, but not a recording of vmtui")
    if schema > SCHEMA:
        raise Damaged(
            f"it was recorded by a newer vmtui (schema {schema}, this one reads {SCHEMA}): update"
        )
    if schema < 1:
        raise Damaged(f"its schema {schema} is none that vmtui ever wrote")
    there = set()
    for row in connection.execute("SELECT type, name, sql FROM sqlite_schema LIMIT 50"):
        there.add(tuple(bytes(part).decode("utf-8", "replace") if part else None for part in row))
    if there != _EXPECTED:
        raise Damaged("its tables are not those of a recording")

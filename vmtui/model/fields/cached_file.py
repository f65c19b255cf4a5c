"""Every metric of a file in the page cache, declared once."""

from __future__ import annotations

from vmtui.model.fields.field import Field, Unit, by_id
from vmtui.model.page_cache import CachedFile
from vmtui.text import display

_STAT = "cachestat(2), mincore(2) before Linux 6.5"
_HOLDERS = "/proc/PID/maps and /proc/PID/fd of every process"
_SHELL = "vmtui machine --files"

CACHED_FILE_FIELDS: tuple[Field[CachedFile], ...] = (
    Field(
        id="cached", title="CACHED", unit=Unit.BYTES, width=7, slot="file",
        help="What of the file is in the page cache, mapped by a process or not.",
        source=f"{_STAT}: nr_cache × page size", shell=_SHELL,
        get=lambda file: file.cached_bytes,
    ),
    Field(
        id="size", title="SIZE", unit=Unit.BYTES, width=6,
        help="The size of the file.",
        source="stat(2), st_size", shell="stat -c %s FILE",
        get=lambda file: file.size_bytes,
    ),
    Field(
        id="share", title="IN", unit=Unit.PERCENT, width=5,
        help="Share of the file that is in the page cache.",
        source=f"{_STAT} against st_size", shell=_SHELL,
        get=lambda file: file.share,
    ),
    Field(
        id="filled", title="OF THE FILE", unit=Unit.SERIES, width=12, leaves_below=100,
        help="The same as a bar: what is dirty, what is clean, what is not in memory.",
        source=_STAT, shell=_SHELL,
        get=lambda file: file.share,
    ),
    Field(
        id="dirty", title="DIRTY", unit=Unit.BYTES, width=6, slot="dirty",
        help="Written and not yet on disk; of a large folio all pages count.",
        source=f"{_STAT}: nr_dirty + nr_writeback", shell=_SHELL,
        get=lambda file: file.dirty_bytes,
    ),
    Field(
        id="evicted", title="EVICT", unit=Unit.BYTES, width=6, leaves_below=100, slot="swapped",
        help="Pages that left the cache and have not come back, as far as the kernel remembers.",
        source=f"{_STAT}: nr_evicted", shell=_SHELL,
        get=lambda file: file.evicted_bytes,
    ),
    Field(
        id="mapped_by", title="MAP", unit=Unit.COUNT, width=4,
        help="Processes that have it mapped.",
        source="/proc/PID/maps of every process", shell="fuser -v FILE",
        get=lambda file: file.mapped_by,
    ),
    Field(
        id="opened_by", title="OPEN", unit=Unit.COUNT, width=4, leaves_below=100,
        help="Processes that have a descriptor of it.",
        source="/proc/PID/fd of every process", shell="fuser -v FILE",
        get=lambda file: file.opened_by,
    ),
    Field(
        id="who", title="WHO", unit=Unit.TEXT, width=22, leaves_below=120,
        help="The processes that have it open or mapped, the first three by name.",
        source=_HOLDERS, shell="fuser -v FILE",
        get=lambda file: file.who,
    ),
    Field(
        id="inode", title="INODE", unit=Unit.ID, width=10, default=False,
        help="The file's number on its file system.",
        source="stat(2), st_ino", shell="stat -c %i FILE",
        get=lambda file: file.inode,
    ),
    Field(
        id="file", title="FILE", unit=Unit.TEXT, width=0,
        help="Its path as the process that has it sees it.",
        source="/proc/PID/maps, or the link in /proc/PID/fd", shell="readlink /proc/PID/fd/N",
        get=lambda file: display(file.path, limit=None),
    ),
)  # fmt: skip

CACHED_FILE_FIELDS_BY_ID = by_id(CACHED_FILE_FIELDS)

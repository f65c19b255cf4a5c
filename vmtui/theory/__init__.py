"""Linux virtual memory as an executable model: it says what the kernel will do, before it does it.

Read in this order, each file explains one mechanism:

* frames: physical memory, swap, files;  tables: page tables;  vmas, process: the address space;
* access: one access to one page, and the three ways it can reach the kernel: missing (with around
  and huge), swapin, writeprotect;
* zap: the way back;  fork;  protect;  lock;  advice (with reclaim and collapse);  objects;  poke;
* oom: memory that runs out;  work: memory that is short;
* world: all operations;  views: what is seen from outside;  tree: what page tables cost.

kernel has what differs between machines, answers how sure the model is, machine the whole state.
"""

from vmtui.theory.answers import Answer, Fault, Outcome
from vmtui.theory.kernel import Kernel
from vmtui.theory.tables import TableCounts
from vmtui.theory.world import World

__all__ = ["Answer", "Fault", "Kernel", "Outcome", "TableCounts", "World"]

"""A script as a C program that compiles: every step in its process, one after the other."""

from __future__ import annotations

import re

from vmtui.lab.operations.abi import c_name
from vmtui.lab.operations.exit import Exit
from vmtui.lab.operations.fork import Fork
from vmtui.lab.operations.poke import Poke
from vmtui.lab.script import PARENT, Script

_DECLARED = re.compile(r"^((?:char \*|pid_t )(\w+))((?:\[\d+\])?)( = .*|;)$")


def program(script: Script) -> str:
    """The whole program."""
    body = "\n".join(_indented(_process(script, PARENT, 0, set())))
    files = sorted({step.operation.file() or getattr(step.operation, "object_name", "")
                    for step in script.steps} - {""})  # fmt: skip
    descriptors = "".join(f"static int fd_{c_name(name)};\n" for name in files)
    used = body + descriptors
    helpers = "".join(text for word, text in _HELPERS.items() if word in used)
    return (
        f"{_PRELUDE}{descriptors}{helpers}\nint main(void)\n{{\n{_START}{body}\n    return 0;\n}}\n"
    )


def _process(script: Script, process: str, start: int, known: set[str]) -> list[str]:
    """The lines of one process from a step on; the children it forks are blocks inside."""
    made: list[str] = []
    known = set(known)
    for number, step in enumerate(script.steps):
        if number < start:
            continue
        operation = step.operation
        if isinstance(operation, Exit) and operation.name == process:
            made += [f"turn_of({number});", "*turn = *turn + 1;", "_exit(0);"]
            return made
        if step.process != process or isinstance(operation, Exit):
            continue
        made += ["", f"/* {step.source} */", f"turn_of({number});"]
        lines = _undeclared(operation.c_lines(script.layout), known)
        region = operation.region()
        if isinstance(operation, Poke) and region and c_name(region) not in known:
            address = f"(char *){script.layout.address(region):#x}UL"  # mapped by somebody else
            lines = [line.replace(f"p = {c_name(region)}", f"p = {address}") for line in lines]
        if isinstance(operation, Fork):
            inside = _process(script, operation.name, number + 1, known)
            made += [*lines, f"if ({c_name(operation.name)} == 0) {{"]
            made += _indented(inside)
            made += [] if inside and inside[-1] == "_exit(0);" else ["    _exit(0);"]
            made += ["}"]
        else:
            made += lines
        made += ["*turn = *turn + 1;"]
    return made


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


def _undeclared(lines: tuple[str, ...], known: set[str]) -> list[str]:
    """The lines with a variable declared only the first time, and used at least once."""
    made = []
    for line in lines:
        if match := _DECLARED.match(line):
            name = match[2]
            if name in known and not match[3]:
                made.append(f"{name}{match[4]}")
                continue
            if name in known:
                continue
            known.add(name)
            made += [line, f"(void){name};"]
        else:
            made.append(line)
    return made


_PRELUDE = """\
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif

static volatile int *turn;

static void turn_of(int step)
{
    while (*turn < step)
        sched_yield();
}

"""
_START = """\
    turn = mmap(NULL, sizeof *turn, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *p = NULL;
    (void)p;
"""
_HELPERS = {
    "open_file(": """
static int open_file(const char *name, off_t size)
{
    int fd = open(".", O_TMPFILE | O_RDWR, 0600);
    if (fd < 0 || ftruncate(fd, size))
        perror(name);
    return fd;
}
""",
    "open_memfd(": """
static int open_memfd(const char *name, off_t size)
{
    int fd = memfd_create(name, 0);
    if (fd < 0 || ftruncate(fd, size))
        perror(name);
    return fd;
}
""",
    "shuffled(": """
static unsigned long shuffled(unsigned long i, unsigned long n, unsigned long seed)
{
    return (i * 2654435761UL + seed) % n; /* any order will do */
}
""",
    "now(": """
#include <time.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}
""",
    "random_page(": """
#include <stdlib.h>

static unsigned long random_page(unsigned long pages)
{
    static unsigned seed = 1;
    return rand_r(&seed) % pages;
}
""",
    "next_page(": """
static unsigned long next_page(unsigned long pages)
{
    static unsigned long page;
    return page++ % pages;
}
""",
    "swap_on(": """
#include <sys/swap.h>

static void swap_on(const char *path) /* made by mkswap(8) before */
{
    if (swapon(path, SWAP_FLAG_PREFER | 32767))
        perror(path);
}
""",
    "add_huge_pages(": """
static void add_huge_pages(int more)
{
    int pages = 0;
    FILE *pool = fopen("/proc/sys/vm/nr_hugepages", "r+");
    if (!pool || fscanf(pool, "%d", &pages) != 1)
        perror("/proc/sys/vm/nr_hugepages");
    else
        fprintf(pool, "%d\\n", pages + more);
    if (pool)
        fclose(pool);
}
""",
    "write_file(": """
#include <sys/stat.h>

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file))
        perror(path);
}
""",
    "limit_address(": """
#include <sys/resource.h>

static void limit_address(unsigned long more)
{
    unsigned long pages = 0;
    struct rlimit most;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu", &pages) != 1)
        return;
    fclose(file);
    most.rlim_cur = most.rlim_max = pages * sysconf(_SC_PAGESIZE) + more;
    if (setrlimit(RLIMIT_AS, &most))
        perror("setrlimit");
}
""",
    "exhaust_stack(": """
static void exhaust_stack(void)
{
    volatile char page[4096];
    page[0] = 1;
    if (page[0])
        exhaust_stack();
    page[1] = 2;
}
""",
}

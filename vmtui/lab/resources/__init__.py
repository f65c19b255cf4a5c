"""What experiments change outside their processes, and how all of it is put back.

The only place that writes to the machine: swap, zram, memory cgroups, the pool of huge pages,
settings. Each change is journalled before it is made, and undone only while it is still ours.
"""

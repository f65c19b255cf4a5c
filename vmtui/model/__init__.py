"""Frozen views of what was sampled: processes, VMAs, page states, the machine. Pure."""

"""Recordings: samples and page states in a SQLite file, written, read back and nothing else."""

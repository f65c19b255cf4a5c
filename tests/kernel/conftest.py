"""Hypothesis without deadlines, for busy machines, and without files, for other users."""

from hypothesis import settings

settings.register_profile("vmtui", deadline=None, database=None)
settings.load_profile("vmtui")

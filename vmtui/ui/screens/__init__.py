"""The screens: what is composed where."""

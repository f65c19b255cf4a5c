"""The widgets: thin hosts of what `draw/` makes."""

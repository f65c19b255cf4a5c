"""The laboratory's stage as rows: plain values in, lines out; knows no experiment and no theory."""

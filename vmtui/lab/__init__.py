"""The laboratory: experiments that are predicted, run on the real kernel, and compared by page."""

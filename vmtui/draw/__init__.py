"""Numbers in, rows of (text, paint) out. Pure: knows no terminal, no colour value, no Textual."""

"""What vmtui knows as files of other programs: tables, documents, traces, metrics."""

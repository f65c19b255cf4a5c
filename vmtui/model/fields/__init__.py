"""One declaration per metric: columns, sort, filters, inspector, JSON and README derive from it."""

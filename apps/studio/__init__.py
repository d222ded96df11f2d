"""Media production: events in, tasks out, checkpoints between."""

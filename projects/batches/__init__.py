"""Work on many tasks at once: delete them, assign them, have a model suggest in them. A batch is a job with progress."""

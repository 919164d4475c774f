"""What becomes of a project's history when it is older than the project keeps it: merged, or dropped."""

"""What people say to each other about a task: comments as a document holds them, as rows, and who has read them."""

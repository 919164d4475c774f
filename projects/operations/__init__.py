"""What operators see from outside: whether the site is alive and can serve, its figures, its log lines, its history's size."""

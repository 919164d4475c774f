"""Sync servers beside each other, under the load driver of the sync benchmark."""

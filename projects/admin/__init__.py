"""Setting up projects in Django's admin. Imported by its discovery; each module registers what it shows.

Tasks, documents, updates, checkpoints and annotations have no page here: the journal is the truth, and it is written
through rooms only.
"""

from projects.admin import fields, people, projects, tokens

__all__ = ["fields", "people", "projects", "tokens"]

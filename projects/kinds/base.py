"""What a kind of annotation must be able to say about itself, and what kinds share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from projects.schema import Field


class Wrong(Exception):
    """A statement that its kind does not allow: a code for programs, a clause for people ("its span ends ...")."""

    def __init__(self, code: str, clause: str) -> None:
        super().__init__(clause)
        self.code = code
        self.clause = clause


class Kind(ABC):
    """One kind. A new kind is one new file with one of these, and one line in the registry."""

    name: str
    has_label: bool  # a statement of this kind is made with a label
    is_stated: bool = True  # stands in the root `annotations`; free text stands in a root of its own
    has_text: bool = False  # an annotation of this kind may have a text of its own, a transcript

    def check(self, field: Field, label: Any, value: Any, text_length: int) -> None:
        """Raises Wrong unless `label` and `value` answer `field`, for a text of `text_length` code points."""
        self.check_label(field, label)
        self.check_value(field, value, text_length)

    @abstractmethod
    def check_label(self, field: Field, label: Any) -> None:
        """Raises Wrong unless `label` can be given in answer to `field`."""

    @abstractmethod
    def check_value(self, field: Field, value: Any, text_length: int) -> None:
        """Raises Wrong unless `value` can be given in answer to `field`."""

    @abstractmethod
    def read(self, value: Any) -> Any:
        """A value that was checked, in its one form: integers as such, keys in their order."""

    def wording(self, value: Any, text: str) -> str | None:
        """The words of `text` that a value speaks of."""
        return None

    def is_single(self, field: Field) -> bool:
        """Whether only the last decision counts."""
        return False


def check_label(field: Field, label: Any) -> None:
    """`label` must be one that can be given in `field` now."""
    known = field.labels.get(label) if isinstance(label, str) else None
    if known is not None and not known.removed:
        return
    offered = ", ".join(f"“{label.name}”" for label in field.offered) or "none: it has no labels"
    if known is not None:
        raise Wrong("removed_label", f"the label “{known.name}” was removed from “{field.name}”; there is {offered}")
    if label is None:
        raise Wrong("unknown_label", f"it needs a label of “{field.name}”: {offered}")
    raise Wrong("unknown_label", f"{shown(label)} is not a label of “{field.name}”: {offered}")


def check_no_label(field: Field, label: Any) -> None:
    if label is not None:
        raise Wrong("unknown_label", f"“{field.name}” has no labels, so the label must be null")


def is_integer(value: Any) -> bool:
    """Whether it is a whole number; pycrdt gives integers back as floats."""
    return type(value) is int or (type(value) is float and value.is_integer())


def shown(value: Any) -> str:
    """A value from outside, fit for a sentence."""
    text = repr(value) if not isinstance(value, str) else f"“{value}”"
    return text if len(text) <= 80 else f"{text[:77]}…"

"""How allauth is to behave here: accounts are made by the staff, and logging in needs no announcement."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "This name and password do not belong together. Passwords tell A from a.",
        "too_many_login_attempts": "Too many failed attempts for this name or from this address. "
        "Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *rest: Any, **more: Any
    ) -> None:
        """Say nothing of logging in and out: the page that follows shows it."""
        if message_template and "logged_" in message_template:
            return
        super().add_message(request, level, message_template, *rest, **more)

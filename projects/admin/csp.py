"""The content security policy, a little wider on the admin's pages: unfold's Alpine evaluates expressions, and its
theme is a style block. Every other page keeps the policy of the settings as it stands.

Scripts still come from our own origin only, on every page: nothing that stands in a text can run.
"""

from __future__ import annotations

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

WIDER = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE], "style-src-elem": [UNSAFE_INLINE]}


class PolicyMiddleware(CSPMiddleware):
    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        match = request.resolver_match
        if match is not None and "admin" in match.namespaces:
            parts.update = WIDER
        return parts

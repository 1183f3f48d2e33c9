"""The one door to outbound HTTP: an address policy that cannot be talked round, deadlines, a limit to what is read."""

from zbmaint.http.door import REDIRECTS, Answer, HttpProblem, request, trust, where

__all__ = ["REDIRECTS", "Answer", "HttpProblem", "request", "trust", "where"]

"""Answers that many sessions ask alike, kept: each question is asked once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

ANSWER_ROWS = 2_000
"""Rows of an answer that is kept at most."""

ANSWERS = 512
"""Answers that are kept at most: those asked for last."""


class Answers:
    """Answers by their question. Whoever asks what somebody else is asking waits for that one answer."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, list[dict[str, Any]]] = OrderedDict()
        self._asking: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, question: str, ask: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        """The answer that is kept, or what `ask` answers."""
        with self._lock:
            asking = self._asking.setdefault(question, threading.Lock())
        with asking:
            with self._lock:
                if question in self._kept:
                    self._kept.move_to_end(question)
                    return self._kept[question]
            try:
                answer = ask()
                if len(answer) <= ANSWER_ROWS:
                    self._keep(question, answer)
                return answer
            finally:  # after it is kept: who comes later finds it, and does not ask again
                with self._lock:
                    self._asking.pop(question, None)

    def _keep(self, question: str, answer: list[dict[str, Any]]) -> None:
        with self._lock:
            self._kept[question] = answer
            while len(self._kept) > ANSWERS:
                self._kept.popitem(last=False)

"""Who is refused again and again has to wait, and nobody else."""

from __future__ import annotations

from projects.patience import AT_ONCE, LONGEST_SECONDS, MOST_KNOWN, REFUSALS_A_SECOND, Patience


def test_who_is_refused_now_and_then_never_waits() -> None:
    patience = Patience()
    for number in range(10 * AT_ONCE):
        now = number / REFUSALS_A_SECOND
        assert patience.seconds_to_wait("ada", now) == 0
        patience.refused("ada", now)


def test_who_is_refused_without_end_waits_longer_and_longer_up_to_a_limit() -> None:
    patience = Patience()
    waits = []
    for _ in range(3 * AT_ONCE):
        waits.append(patience.seconds_to_wait("ada", 0.0))
        patience.refused("ada", 0.0)
    assert waits[: AT_ONCE + 1] == [0.0] * (AT_ONCE + 1)
    assert waits[AT_ONCE + 1 :] == sorted(waits[AT_ONCE + 1 :])
    assert waits[AT_ONCE + 1] > 0
    assert waits[-1] == LONGEST_SECONDS
    assert patience.seconds_to_wait("ben", 0.0) == 0
    assert patience.seconds_to_wait("ada", 3 * AT_ONCE / REFUSALS_A_SECOND) == 0


def test_it_remembers_no_more_than_it_must() -> None:
    patience = Patience()
    for number in range(3 * MOST_KNOWN):
        patience.refused(f"person {number}", float(number))
    assert len(patience._empty_at) <= MOST_KNOWN

from vmtui.theory import Answer


def test_one_number_is_exact() -> None:
    assert Answer.exactly(3).exact
    assert Answer.exactly(3).holds(3)
    assert not Answer.exactly(3).holds(4)


def test_a_range_holds_its_bounds_and_says_why() -> None:
    answer = Answer.between(1, 4, "readahead")
    assert not answer.exact
    assert [answer.holds(n) for n in (0, 1, 4, 5)] == [False, True, True, False]
    assert answer.cause == "readahead"


def test_a_range_of_one_number_is_exact_and_needs_no_cause() -> None:
    assert Answer.between(2, 2, "readahead") == Answer.exactly(2)


def test_what_is_not_predicted_is_never_wrong() -> None:
    answer = Answer.unknown("no time is predicted")
    assert not answer.exact
    assert answer.holds(10**9)

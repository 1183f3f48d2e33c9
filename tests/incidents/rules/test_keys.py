from incidents.rules.keys import LONGEST, stored


def test_a_key_that_fits_stays() -> None:
    assert stored("a" * LONGEST) == "a" * LONGEST


def test_long_keys_that_begin_alike_stay_two() -> None:
    one, other = stored("a" * 500 + "1"), stored("a" * 500 + "2")
    assert one != other
    assert len(one) == len(other) == LONGEST
    assert one.startswith("aaa")
    assert stored("a" * 500 + "1") == one

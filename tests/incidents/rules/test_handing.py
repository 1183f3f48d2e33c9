from incidents.rules.handing import why_not_criterion


def test_a_criterion_of_the_tier_is_one() -> None:
    assert why_not_criterion("System outages", ["Security incidents", "System outages"]) is None


def test_it_refuses_another_and_names_those_that_are() -> None:
    assert why_not_criterion("I go home", ["Security", "Outages"]) == "Choose one of: Security; Outages."
    assert why_not_criterion("", ["Security"]) == "Choose one of: Security."
    assert why_not_criterion("x", []) == "Choose one of: none are set for this tier, ask a lead."

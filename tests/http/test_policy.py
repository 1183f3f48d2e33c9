import pytest

from zbmaint.http.policy import Allowed, read_allowed, refusal

NOTHING = Allowed()
EVERYTHING = read_allowed(["0.0.0.0/0", "::/0", "metadata.example.org"])


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_public_addresses_may_be_called(address: str) -> None:
    assert refusal(address, "example.org", NOTHING) is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "fc00::1",
        "fd12:3456::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "::ffff:0:10.0.0.1",
    ],
)
def test_private_addresses_only_when_listed(address: str) -> None:
    refused = refusal(address, "host.example.org", NOTHING)
    assert refused is not None
    assert f"host.example.org ({address}) is a private address" in refused
    assert "HTTP_ALLOWED_PRIVATE" in refused
    assert refusal(address, "host.example.org", EVERYTHING) is None


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "0.0.0.0",
        "0.1.2.3",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "febf::1",
        "fec0::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "ff02::1",
        "::ffff:169.254.169.254",
        "::ffff:0.0.0.0",
        "::ffff:100.100.100.200",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001:0:a9fe:a9fe::1",
        "::ffff:0:169.254.169.254",
    ],
)
def test_these_are_never_called_even_when_everything_is_listed(address: str) -> None:
    refused = refusal(address, "metadata.example.org", EVERYTHING)
    assert refused is not None
    assert "never called" in refused


@pytest.mark.parametrize(
    ("entries", "address", "host", "may"),
    [
        (["10.1.0.0/16"], "10.1.255.255", "a.internal", True),
        (["10.1.0.0/16"], "10.2.0.1", "a.internal", False),
        (["10.1.2.3/16"], "10.1.9.9", "a.internal", True),
        (["127.0.0.1"], "127.0.0.1", "localhost", True),
        (["127.0.0.1"], "127.0.0.2", "localhost", False),
        (["127.0.0.1"], "::ffff:127.0.0.1", "localhost", True),
        (["::1"], "::1", "localhost", True),
        ([" A.Internal "], "10.9.9.9", "a.internal", True),
        (["a.internal"], "10.9.9.9", "A.INTERNAL", True),
        (["a.internal"], "10.9.9.9", "b.a.internal", False),
        (["fd12::/16"], "10.9.9.9", "a.internal", False),
        ([], "nonsense", "a.internal", False),
    ],
)
def test_what_is_listed_is_allowed_and_nothing_beside_it(
    entries: list[str], address: str, host: str, may: bool
) -> None:
    assert (refusal(address, host, read_allowed(entries)) is None) is may


@pytest.mark.parametrize(
    "entry", ["10.0.0.0/99", "10.0.0", "", "a b", "http://x", "*.internal", "-", "a..b", "1.2.3.4.5"]
)
def test_an_entry_that_means_nothing_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="is no network such as"):
        read_allowed(["127.0.0.1", entry])

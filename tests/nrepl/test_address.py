"""Addresses as people, port files and servers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrepl_lsp.nrepl import Address, AddressError, BencodeCodec, open_tcp, register
from nrepl_lsp.nrepl.schemes import scheme_of

TCP = [
    ("7888", "127.0.0.1", 7888),
    (" 1667\n", "127.0.0.1", 1667),
    ("localhost:7888", "localhost", 7888),
    ("127.0.0.1:40404", "127.0.0.1", 40404),
    ("nrepl://localhost:7888", "localhost", 7888),
    ("nrepl://localhost:7888/", "localhost", 7888),
    ("NREPL://Host:1", "Host", 1),
    ("nrepl://example.org", "example.org", 7888),
    ("example.org", "example.org", 7888),
    ("[::1]:7888", "::1", 7888),
    ("nrepl://[::1]:7888", "::1", 7888),
    ("nrepl://[fe80::1%eth0]:7888", "fe80::1%eth0", 7888),
    ("host:00080", "host", 80),
    ("host:65535", "host", 65535),
]


@pytest.mark.parametrize(("text", "host", "port"), TCP)
def test_reads_hosts_and_ports(text: str, host: str, port: int) -> None:
    assert Address.parse(text) == Address("nrepl", host, port)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("nrepl+unix:/run/nrepl.socket", "/run/nrepl.socket"),
        ("nrepl+unix:///run/nrepl.socket", "/run/nrepl.socket"),
        ("NREPL+UNIX:/Run", "/Run"),
        ("nrepl+unix:nrepl.socket", "nrepl.socket"),
        ("nrepl+unix:/a%20b/c:d", "/a b/c:d"),
        ("nrepl+unix:/50%25", "/50%"),
    ],
)
def test_reads_paths_of_sockets(text: str, path: str) -> None:
    assert Address.parse(text) == Address("nrepl+unix", path=path)


@pytest.mark.parametrize("scheme", ["nrepls", "nrepl+edn", "telnet"])
def test_reads_schemes_that_it_does_not_know(scheme: str) -> None:
    assert Address.parse(f"{scheme}://h:1") == Address(scheme, "h", 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "0",
        "65536",
        "123456789012345678901234567890",
        "host:0",
        "host:65536",
        "host:",
        "host:port",
        ":7888",
        "::1",
        "a b:1",
        "nrepl://",
        "nrepl://host:1/path",
        "nrepl://[::1:7888",
        "nrepl+unix:",
        "nrepl+unix:/",
        "host:٣",
    ],
)
def test_anything_else_is_an_address_error_that_names_the_text(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        Address.parse(text)

    assert caught.value.text == text
    assert repr(text) in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (Address("nrepl", "127.0.0.1", 7888), "nrepl://127.0.0.1:7888"),
        (Address("nrepl", "::1", 7888), "nrepl://[::1]:7888"),
        (Address("nrepl+unix", path="/run/nrepl.socket"), "nrepl+unix:/run/nrepl.socket"),
        (Address("nrepl+unix", path="/a b/50%"), "nrepl+unix:/a%20b/50%25"),
    ],
)
def test_is_written_as_a_url(address: Address, text: str) -> None:
    assert str(address) == text
    assert Address.parse(text) == address


@given(st.text(max_size=30))
def test_any_text_is_an_address_that_is_read_back_or_an_address_error(text: str) -> None:
    try:
        address = Address.parse(text)
    except AddressError:
        return

    assert Address.parse(str(address)) == address


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda s: s.strip("/")))
def test_any_path_is_read_back(path: str) -> None:
    address = Address("nrepl+unix", path="/" + path.lstrip("/"))

    assert Address.parse(str(address)) == address


def test_an_unregistered_scheme_is_an_address_error_that_lists_the_known_ones() -> None:
    with pytest.raises(AddressError, match=r"nrepl, nrepl\+unix"):
        scheme_of(Address.parse("gopher://h:70"))


def test_a_registered_scheme_is_found_and_can_be_replaced() -> None:
    first = register("Test+Scheme", open_tcp, BencodeCodec())
    second = register("test+scheme", open_tcp, BencodeCodec())

    assert first is not second
    assert scheme_of(Address.parse("TEST+scheme://h:1")) is second

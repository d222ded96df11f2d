"""Requests to addresses that others name: what is refused, and that nothing leaves when it is."""

from __future__ import annotations

import socket

import pytest

from agents.safe_http import addresses, urls
from agents.safe_http.client import Limits, SafeHttp
from agents.safe_http.errors import FetchFailed, FetchRefused
from tests.support.certificates import certified
from tests.support.websites import ELSEWHERE, PUBLIC, moved, page, world


@pytest.fixture
def web():
    with world() as made:
        made.pages["/"] = page()
        yield made


REFUSED = [
    "file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "//example.com/", "example.com", "", "http://",
    "http:///path", "javascript:alert(1)", "http://user:p@127.0.0.1/", "http://user@example.com/", "http://@example.com/",
    "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://0x7f000001/", "http://127.1/", "http://1/",
    "http://127.0.0.1.:80/", "http://localhost/", "http://localhost./", "http://example.com./", "http://a.localhost/",
    "http://metadata.google.internal/", "http://intranet/", "http://printer.local/",
    "http://127.0.0.1/", "http://0.0.0.0/", "http://10.1.2.3/", "http://172.16.0.1/", "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/", "http://100.100.100.200/", "http://168.63.129.16/",
    "http://192.0.0.192/", "http://198.18.0.1/", "http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/",
    "http://[::1]/", "http://[::]/", "http://[::ffff:169.254.169.254]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b::10.0.0.1]/", "http://[64:ff9b:1::1]/", "http://[2002:7f00:1::]/",
    "http://[2002:0a00:0001::]/", "http://[2001::1]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fc00::1]/",
    "http://[fd00:ec2::254]/", "http://[ff02::1]/", "http://[2001:db8::1]/", "http://[::1]:80@example.com/",
    "http://example.com:6379/", "http://example.com:22/", "http://example.com:0/", "http://example.com:99999/",
    "http://example.com:80:80/", "http://example.com:+80/", "http://example.com\\@127.0.0.1/", "http://exa mple.com/",
    "http://example.com/\r\nX: y", "http://example.com\t/", "http://example.com%2f@127.0.0.1/", "http://127.0.0.1%00.example.com/",
    "http://еxample.com/", "http://xn--xample-2of.com/", "http://①②⑦.⓪.⓪.①/", "http://example。com/", "http://-a.com/",
    "http://a..com/", "http://" + "a" * 64 + ".com/", "http://example.com/" + "a" * 20_000, "http://[v1.x]/", "http://[::1/",
    "http://example.com#@127.0.0.1:22/\x00", "http://1.2.3.4.5/", "http://0x7f.1/", "http://127.0.0.0x1/", "http://256.1.1.1/",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_is_not_public_or_not_plain_is_not_asked(web, url):
    with pytest.raises(FetchRefused):
        web.client().fetch(url)
    assert (web.dialled, web.asked) == ([], [])


@pytest.mark.parametrize(
    "url", ["http://example.com/", "HTTP://Example.COM", "http://93.184.216.34:80/", "http://a_b.com/#x"]
)
def test_a_public_one_is(web, url):
    assert web.client().fetch(url).body == b"hello"
    assert web.dialled == [(PUBLIC, 80)]


def test_a_public_address_of_version_six_is_asked_by_its_own(web):
    web.client().fetch("http://[2606:2800:220:1:248:1893:25c8:1946]/")
    assert "host: [2606:2800:220:1:248:1893:25c8:1946]" in web.asked[0]


@pytest.mark.parametrize(
    "found",
    [
        "127.0.0.1",
        "10.0.0.5",
        "169.254.169.254",
        "::1",
        "::ffff:10.0.0.1",
        "fd00::1",
        "64:ff9b::7f00:1",
        "fe80::1%eth0",
    ],
)
def test_a_name_with_one_address_that_is_not_public_is_not_asked(web, found):
    web.names["two-faced.com"] = [[PUBLIC, found]]
    with pytest.raises(FetchRefused, match=r"two-faced\.com is not asked"):
        web.client().fetch("http://two-faced.com/")
    assert web.dialled == []


def test_a_name_that_changes_between_look_and_connection_gains_nothing(web):
    web.names["rebinds.com"] = [[PUBLIC], ["127.0.0.1"]]
    assert web.client().fetch("http://rebinds.com/").status == 200
    assert (web.looked_up, web.dialled) == (["rebinds.com"], [(PUBLIC, 80)])
    with pytest.raises(FetchRefused):
        web.client().fetch("http://rebinds.com/")


def test_a_name_that_changes_between_redirects_is_looked_at_again(web):
    web.names["rebinds.com"] = [[PUBLIC], ["169.254.169.254"]]
    web.pages["/"] = moved("/again")
    with pytest.raises(FetchRefused, match="metadata"):
        web.client().fetch("http://rebinds.com/")
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/", "http://127.0.0.1/", "//127.0.0.1/", "file:///etc/passwd", "http://example.com:6379/",
        "http://u:p@example.com/", "http://[::1]/", "http://0177.0.0.1/", "http://inside.com/", "ht tp://x/", "http://ex\u00e4.com",
    ],
)  # fmt: skip
def test_a_redirect_is_checked_like_the_first_address(web, to):
    web.names["inside.com"] = [["10.0.0.1"]]
    web.pages["/"] = page(b"", status=302, location=to.encode("utf-8").decode("latin-1"))
    with pytest.raises(FetchRefused):
        web.client().fetch("http://example.com/")
    assert len(web.asked) == 1


def test_a_redirect_to_another_place_sees_no_credentials(web):
    web.names["other.com"] = [[ELSEWHERE]]
    web.pages |= {"/": moved("http://other.com/there"), "/there": page(b"there")}
    secret = {"Authorization": "Bearer s", "Cookie": "a=b", "X-Api-Key": "k", "Accept": "text/html"}
    answer = web.client().fetch("http://example.com/", headers=secret)
    assert (answer.url, answer.body) == ("http://other.com/there", b"there")
    assert "Bearer s" in web.asked[0]
    assert not {"authorization", "cookie", "x-api-key"} & {
        line.partition(":")[0] for line in web.asked[1].split("\r\n")
    }
    assert "accept: text/html" in web.asked[1]


def test_what_is_posted_goes_to_no_other_place(web):
    web.names["other.com"] = [[ELSEWHERE]]
    web.pages["/"] = moved("http://other.com/", 307)
    with pytest.raises(FetchRefused):
        web.client().fetch("http://example.com/", method="POST", body=b"secret")
    assert len(web.asked) == 1


def test_redirects_come_to_an_end(web):
    web.pages["/"] = moved("/")
    with pytest.raises(FetchFailed, match="redirects"):
        web.client().fetch("http://example.com/", limits=Limits(redirects=3))
    assert len(web.asked) == 4


def test_without_redirects_one_is_an_answer(web):
    web.pages["/"] = moved("http://169.254.169.254/")
    answer = web.client().fetch("http://example.com/", method="POST", body=b"{}", limits=Limits(redirects=0))
    assert (answer.status, len(web.asked)) == (302, 1)
    assert web.asked[0].endswith("{}")


def test_a_name_that_nobody_knows_is_a_failure():
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(FetchFailed, match="not known") as raised:
        SafeHttp(resolver=nobody).fetch("http://example.com/")
    assert not raised.value.sent


def test_proxies_of_the_environment_are_not_asked(web, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert web.client().fetch("http://example.com/").status == 200


def test_a_network_that_the_operator_allows_is_asked(web):
    allowed = addresses.networks(["10.0.0.0/8"])
    web.names["inside.com"] = [["10.0.0.1"]]
    assert web.client(allowed=allowed).fetch("http://inside.com/").status == 200
    with pytest.raises(FetchRefused):
        web.client(allowed=allowed).fetch("http://192.168.0.1/")


@pytest.mark.parametrize("header", [{"x": "a\r\nEvil: yes"}, {"a b": "c"}])
def test_a_header_that_would_be_two_is_refused(web, header):
    with pytest.raises(FetchRefused):
        web.client().fetch("http://example.com/", headers=header)


@pytest.fixture
def secure(web, tmp_path):
    web.tls, believed = certified("example.com", tmp_path)
    return web.client(tls=believed)


def test_a_certificate_is_the_names_and_the_connection_the_addresss(web, secure):
    assert secure.fetch("https://example.com/").body == b"hello"
    assert web.dialled == [(PUBLIC, 443)]
    assert "host: example.com" in web.asked[0]


@pytest.mark.parametrize("url", ["https://other.com/", "https://93.184.216.34/"])
def test_a_certificate_of_another_name_is_not_believed(web, secure, url):
    with pytest.raises(FetchFailed, match="secure") as raised:
        secure.fetch(url)
    assert (raised.value.sent, web.asked) == (False, [])


def test_a_redirect_from_https_to_http_is_not_followed(web, secure):
    web.pages["/"] = moved("http://example.com/")
    with pytest.raises(FetchRefused, match="https to http"):
        secure.fetch("https://example.com/")


def test_what_is_asked_is_what_was_written():
    target = urls.parse("HTTPS://Example.com:443/a%20b/ü?q=1&x=ä#gone")
    assert (target.url, target.origin) == (
        "https://example.com/a%20b/%C3%BC?q=1&x=%C3%A4", ("https", "example.com", 443),
    )  # fmt: skip


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_public(address):
    assert addresses.why_not(address) is None

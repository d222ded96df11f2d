"""Which addresses are the public internet. Pure.

Lists of our own: what Python's ipaddress calls global has changed between its versions, and it knows nothing of the
addresses that carry another one inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NOT_PUBLIC_4 = {
    IPv4Network(network): why
    for network, why in {
        "0.0.0.0/8": "this host",
        "10.0.0.0/8": "a private network",
        "100.64.0.0/10": "a carrier's network",
        "127.0.0.0/8": "this machine",
        "168.63.129.16/32": "a cloud's metadata",
        "169.254.0.0/16": "the local link and a cloud's metadata",
        "172.16.0.0/12": "a private network",
        "192.0.0.0/24": "reserved for protocols",
        "192.0.2.0/24": "an example",
        "192.31.196.0/24": "a name server's sink",
        "192.52.193.0/24": "a relay",
        "192.88.99.0/24": "a relay",
        "192.168.0.0/16": "a private network",
        "192.175.48.0/24": "a name server's sink",
        "198.18.0.0/15": "for measurements",
        "198.51.100.0/24": "an example",
        "203.0.113.0/24": "an example",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved, or broadcast",
    }.items()
}
PUBLIC_6 = IPv6Network("2000::/3")
NOT_PUBLIC_6 = {
    IPv6Network(network): why
    for network, why in {
        "2001::/23": "reserved for protocols and tunnels",
        "2001:db8::/32": "an example",
        "2002::/16": "a tunnel to another address",
        "2620:4f:8000::/48": "a name server's sink",
        "3fff::/20": "an example",
    }.items()
}
MAPPED = IPv6Network("::ffff:0:0/96")
NAT64 = IPv6Network("64:ff9b::/96")
"""The well-known prefix only: behind any other stands a network of somebody's own."""


def networks(told: Iterable[str]) -> tuple[Network, ...]:
    """Networks as an operator writes them; raise ValueError."""
    return tuple(ip_network(one.strip()) for one in told if one.strip())


def why_not(told: str, *, allowed: Iterable[Network] = ()) -> str | None:
    """What is wrong with an address, or None: it is on the public internet, or in a network of `allowed`."""
    try:
        address = inside(ip_address(told))
    except ValueError:
        return "no address"  # one with a zone is none here: it names an interface of this machine
    if any(address.version == network.version and address in network for network in allowed):
        return None
    return _why_not_4(address) if isinstance(address, IPv4Address) else _why_not_6(address)


def inside(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, or itself."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            raise ValueError("an address with a zone")
        if address in MAPPED or address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _why_not_4(address: IPv4Address) -> str | None:
    return next((why for network, why in NOT_PUBLIC_4.items() if address in network), None)


def _why_not_6(address: IPv6Address) -> str | None:
    if address not in PUBLIC_6:
        return "not on the public internet"
    return next((why for network, why in NOT_PUBLIC_6.items() if address in network), None)

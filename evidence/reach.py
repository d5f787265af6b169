"""Where a setting may send us: never to what answers to this machine alone, as the metadata service of a cloud does,
which gives away the machine's own credentials (server-side request forgery).

Sources, mail servers and stores stand in the company's own network as a rule: private addresses are reached.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from evidence.errors import ConfigError

Address = IPv4Address | IPv6Address
METADATA = frozenset(  # of clouds, beside the link-local 169.254.169.254 that most have
    map(
        ip_address, ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254")
    )
)
TEREDO = ip_network("2001::/32")  # RFC 4380: out of use, and two IPv4 addresses in one
TRANSLATED = ip_network("64:ff9b::/96")  # NAT64 (RFC 6052): the last four bytes are an IPv4 address


class Forbidden(ConfigError, OSError):
    """A host that nothing is asked of, whatever a setting says."""


def refuse(host: str) -> None:
    """Forbidden when any address of a host, now, is one that only this machine reaches, or no one machine has.

    A name that cannot be looked up is left to whoever connects to it, to say so.
    """
    try:
        told = {one[4][0] for one in socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return
    for text in sorted(map(str, told)):
        if _is_forbidden(_bare(ip_address(text.partition("%")[0]))):
            raise Forbidden(f"{host}: is {text}, which answers to this machine alone; nothing is asked of it")


def _is_forbidden(address: Address) -> bool:
    if address.is_loopback:  # what listens there was begun by who owns the machine
        return False
    special = address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
    return special or address in METADATA or address in TEREDO or getattr(address, "is_site_local", False)


def _bare(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, IPv6Address):
        if address in TRANSLATED:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address

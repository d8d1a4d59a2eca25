"""Which addresses a feed may be fetched from, and connections that go to no other."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from streams.core.errors import FeedUnavailable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Permit = Callable[[Address], bool]
Resolve = Callable[[str], Awaitable[list[Address]]]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether `address` is of the open internet, and so is any IPv4 address that it carries."""
    if isinstance(address, ipaddress.IPv6Address):
        carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            carried.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if not all(is_public(inner) for inner in carried if inner is not None):
            return False
    return address.is_global and not address.is_multicast


async def resolve(host: str) -> list[Address]:
    """Every address of `host`, in the system's order; raises FeedUnavailable if it has none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FeedUnavailable(f"{host} has no address: {error}") from error
    return [ipaddress.ip_address(str(address[0])) for *_, address in found]


@dataclass(frozen=True, slots=True)
class CheckedTransport(httpx.AsyncBaseTransport):
    """Resolves a request's host once, checks every address, and connects to one of those.

    Redirects pass here again. There is no second look-up, so a name that is pointed elsewhere after the
    check (DNS rebinding) changes nothing. Raises FeedUnavailable for what isn't permitted.
    """

    inner: httpx.AsyncBaseTransport
    permit: Permit
    resolve: Resolve = resolve

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to the first address that accepts a connection."""
        if request.url.scheme not in ("http", "https"):
            raise FeedUnavailable(f"leads to {request.url.scheme}:, where only http and https are followed")
        host = request.url.raw_host.decode("ascii")
        addresses = await self.resolve(host)
        for address in addresses:
            if not self.permit(address):
                place = host if host == str(address) else f"{host} ({address})"
                raise FeedUnavailable(f"{place} isn't on the open internet: --allow-private allows it")
        for address in addresses[:-1]:
            try:
                return await self.inner.handle_async_request(_sent_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self.inner.handle_async_request(_sent_to(addresses[-1], request))

    async def aclose(self) -> None:
        """Close the connections."""
        await self.inner.aclose()


def _sent_to(address: Address, request: httpx.Request) -> httpx.Request:
    """The same request for that address: the Host header and the certificate's name stay the host's."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions | {"sni_hostname": request.url.raw_host.decode("ascii")},
    )

"""Where a feed is: an http or https URL, or a file."""

from pathlib import Path

import httpx

from streams.core.errors import InvalidCorpus


def is_url(location: str) -> bool:
    """Whether a feed is to be fetched, rather than read from a file."""
    return "://" in location


def check_location(location: str) -> None:
    """Raise InvalidCorpus for a feed that is neither an http or https URL nor a file."""
    if not is_url(location):
        if not Path(location).is_file():
            raise InvalidCorpus(f"there is no file {location}; a feed's URL begins with http:// or https://")
        return
    try:
        url = httpx.URL(location)
        fetchable = url.scheme in ("http", "https") and bool(url.host)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise InvalidCorpus(f"{shown(location)} is no URL: {error}") from error
    if not fetchable:
        raise InvalidCorpus(f"{shown(location)}: a feed's URL begins with http:// or https:// and a host")


def shown(location: str) -> str:
    """A feed's URL or file as it may be shown: without user, password and query, which may hold a key."""
    if not is_url(location):
        return location
    scheme, _, rest = location.partition("://")
    address, mark, _ = rest.partition("?")
    host, slash, path = address.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}{'?…' if mark else ''}"

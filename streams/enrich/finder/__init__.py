"""Where a text names the actors of a registry, and whom each place means.

forms.py says what to look for, finder.py where it stands, places.py, context.py and matches.py whether it
is a name there, and meaning.py whose, with offices.py, roles.py, titles.py, terms.py and when.py for those
who are named by what they hold.
"""

from streams.enrich.finder.disguise import disguises
from streams.enrich.finder.finder import ActorFinder
from streams.enrich.finder.meaning import Found

__all__ = ["ActorFinder", "Found", "disguises"]

"""A pytest plugin: property tests try the same examples each time, and stop at the first that fails.

The smallest one that fails is for people to read, and takes a minute to find.
"""

from hypothesis import Phase, settings

settings.register_profile(
    "unshrunk", phases=(Phase.explicit, Phase.generate), derandomize=True, database=None
)
settings.load_profile("unshrunk")

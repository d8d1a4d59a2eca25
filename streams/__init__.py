"""Summitry: an alert when the people who run the world appear in the same news."""

__version__ = "0.1.0"

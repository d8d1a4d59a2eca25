"""Builds the shipped actor registry from open data and the lists beside this file."""

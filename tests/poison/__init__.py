"""Poison: records made to break whoever reads them, and what must come of each."""

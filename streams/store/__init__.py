"""The sink's tables: all SQL of Summitry, and the one transaction that changes them."""

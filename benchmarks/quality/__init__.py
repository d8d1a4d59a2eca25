"""How well Summitry reads: measured on public sets that nobody of the project wrote."""

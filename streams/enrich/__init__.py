"""Pure readings of an article: who it names, how it treats them, what it is about."""

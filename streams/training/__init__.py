"""Training of the shipped models; nothing at run time imports it, or what it needs."""

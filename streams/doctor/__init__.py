"""The doctor: what is missing or wrong on this machine, at the broker and in the store, and its mend."""

"""How the running pipeline stands: read from the store, the broker and the processes, changing nothing."""

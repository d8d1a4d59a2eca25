"""The sink: one consumer that owns all state and tells of every change."""

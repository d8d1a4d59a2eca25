"""The pure heart: messages, rules, windows, stories and alerts. No broker, no SQL, no clock."""

"""Training of the model of target sentiment: the lower layers of mpnet, fitted, as one file."""

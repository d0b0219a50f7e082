"""A theorem about a trained network's tables, checked by the proof assistant Agda: see README.md."""

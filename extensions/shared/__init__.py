"""What several extensions need; nothing here is run by itself."""

"""Questions about the article's text network: python -m extensions.text.NAME."""

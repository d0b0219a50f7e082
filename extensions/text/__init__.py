"""Questions to the article's network that reads text: python -m extensions.text.NAME."""

"""Questions to the article's two networks that read numbers: python -m extensions.numbers.NAME."""

"""The page on which the networks run in the browser, and what builds it."""

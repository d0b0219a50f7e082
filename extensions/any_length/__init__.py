"""Networks for numbers of any length; those that answer are proved exact, once rounded or by intervals."""

"""Networks for numbers of any length, each of which is proved exact at every length."""

"""Networks for numbers of any length; those in use are proved exact, after rounding or by intervals."""

"""Load a saved model only if it is the one that is asked for."""

import keras


def load(path, settings):
    """Load the model that a script saved as NAME.keras, if its training had these settings and came to its end.

    path: a Path. The transcript beside it, NAME.txt, begins with the settings. settings: as from common.settings.
    Returns the model, or None. Where there is a file, but not this model, a line says why.
    """
    if not path.exists():
        return None
    try:
        had, *rest = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
        if had != settings:
            reason = f"was trained with {had[:300]}"
        elif any(line.startswith("interrupted after ") for line in rest):
            reason = "is half trained"
        else:
            return keras.saving.load_model(path, compile=False)
    except Exception as error:  # what is no model, or another version's, can raise anything: KeyError, BadZipFile, ...
        reason = f"cannot be loaded: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
    print(f"{path} {reason}")
    return None

"""What readers said of films before and after they saw the models: the records, their figures, a table, a store.

Nothing here knows a film, its name, its hash or a patient: a film is the running number it has in a reader's session.
"""

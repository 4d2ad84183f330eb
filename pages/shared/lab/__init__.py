"""The page Shortcuts: the open film edited and marked, and what every model makes of it."""

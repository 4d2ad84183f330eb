"""The page Explain: what is asked, the maps as they come, and what speaks for believing them."""

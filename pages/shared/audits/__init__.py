"""Parts of the page Audit: what was measured over many films, from stored figures alone."""

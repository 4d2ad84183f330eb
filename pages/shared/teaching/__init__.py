"""The lesson and the quiz of ``lesson.toml``: ``scenes`` computes, ``words`` and ``questions`` are pure, views draw."""

"""The networks. Every classifier has ``features(x) -> (N, C, h, w)``, ``head(features) -> logits (N, K)`` and
``linear_head``: whether the head is linear in the features, so that a class activation map is exact. Those made of a
library's network (``library.py``) have ``from_reference``, which takes its published weights."""

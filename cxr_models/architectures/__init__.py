"""The networks. Every classifier has ``features(x) -> (N, C, h, w)``, ``head(features) -> logits (N, K)`` and
``linear_head``: whether the head is linear in the features, so that a class activation map is exact."""

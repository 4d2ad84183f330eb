"""The commands of ``python -m cxr_models``, one a file; heavy imports wait until one runs, so that help is quick."""

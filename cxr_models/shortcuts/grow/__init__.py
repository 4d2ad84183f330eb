"""Grow a shortcut: a tiny net learns, in about a minute, films on which a letter goes with the disease.

``phantoms`` and ``index_films`` make the films, ``films`` draws who bears the letter and puts it on, ``train.grow`` is
the training, ``exam`` what is measured after each epoch, and ``growth`` all of it as one piece of work.
"""

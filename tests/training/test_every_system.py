"""Each system, from its recipe to a reading in the app: trained for a step, exported, loaded, asked, explained.

The large networks take minutes and gigabytes: they run where CXR_EVERY_SYSTEM is set.
"""

import os
from dataclasses import replace

import pytest
from small_models import film, installed

from cxr_models import inference, registry
from cxr_models.data.phantoms import phantoms
from cxr_models.explain import explain, methods_for
from cxr_models.training import recipes
from cxr_models.training.export import export
from cxr_models.training.run import train

SMALL = ("custom-cnn", "squeezenet", "cnn-x")
EVERY = "CXR_EVERY_SYSTEM"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    root = tmp_path_factory.mktemp("phantoms")
    return root, phantoms(root, 15)


@pytest.mark.parametrize("name", recipes.ids())
def test_a_system_is_trained_and_reads_a_film(name, index, tmp_path):
    if name not in SMALL and EVERY not in os.environ:
        pytest.skip(f"{name} is large: set {EVERY}=1 to train it here.")
    root, films = index
    recipe = recipes.get(name)
    small = replace(recipe, stages=tuple(replace(stage, batch=2, epochs=1, films=2) for stage in recipe.stages))
    with installed(tmp_path) as folder:
        net, done = train(small, films, root, folder / "runs" / name, cache=root / "cache")
        spec = export(net, done, films, folder / "runs" / name, 0, folder / "weights_manifest.toml")
        registry.clear()
        picture = film()
        found = inference.find_lungs(picture)
        if not spec.thresholds:
            assert registry.load(name).spec.classes == ("lungs",)
            return
        answer = inference.predict(picture, found, name)
        assert sum(answer.probabilities) == pytest.approx(1, abs=1e-5) and answer.classes == recipe.classes
        methods = methods_for(name)
        assert methods[0] in ("cam", "grad_cam") and ("residual" in methods) == (
            spec.architecture in ("cae", "coronet")
        )
        for method in {methods[0], "residual"} & set(methods):
            assert explain(picture, found, name, method, spec.classes[0]).values.shape == picture.pixels.shape

"""Weights: found, fetched over real HTTP, verified, loaded; every failure says what to do."""

import hashlib
import logging
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch
from huggingface_hub import close_session, constants
from loopback import serve
from safetensors.torch import save_file
from test_manifest import an_entry
from torch import nn

from cxr_models import manifest, weights
from cxr_models.errors import WeightsError, WeightsMismatch, WeightsMissing

REPO, REVISION, FILE = "some-owner/cxr-models", "0123456789abcdef0123456789abcdef01234567", "nets/net.safetensors"
HUB = {"repo": REPO, "revision": REVISION, "file": FILE}
ROOT = Path(__file__).resolve().parent.parent


def a_net(seed=0, width=4):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(1, width, 3), nn.BatchNorm2d(width))


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """The bytes of a small net's weight file."""
    file = tmp_path_factory.mktemp("net") / "net.safetensors"
    weights.save(a_net(), file)
    return file.read_bytes()


@pytest.fixture
def spec(content, tmp_path, monkeypatch):
    """An entry with a bundled file that is not there yet."""
    monkeypatch.delenv("CXR_WEIGHTS", raising=False)
    return entry(content, tmp_path, bundled="weights/net.safetensors", hub=None)


@pytest.fixture
def hub_spec(content, tmp_path, monkeypatch):
    """An entry that is on the hub alone."""
    monkeypatch.delenv("CXR_WEIGHTS", raising=False)
    return entry(content, tmp_path, bundled=None, hub=HUB)


def entry(content, folder, **changes):
    digest, size = hashlib.sha256(content).hexdigest(), len(content)
    return manifest.ModelSpec(**an_entry(id="net", sha256=digest, size=size, folder=folder, **changes))


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def use_hub(monkeypatch, url, cache):
    """Point huggingface_hub, which reads its environment at import only, to ``url`` with an empty cache."""
    close_session()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(cache / "token"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with serve() as running:
        use_hub(monkeypatch, running.url, tmp_path / "cache")
        yield running


def test_saved_weights_come_back_in_float32_as_half_precision_rounds_them(tmp_path, spec):
    net = a_net(seed=3)
    net[1].num_batches_tracked += 7
    (tmp_path / "weights").mkdir()
    digest, size = weights.save(net, spec.bundled_path)
    saved = manifest.ModelSpec(**(vars(spec) | {"sha256": digest, "size": size}))
    state = weights.state_dict(saved)
    assert state["0.weight"].dtype == torch.float32 and torch.equal(state["0.weight"], net[0].weight.half().float())
    assert state["1.num_batches_tracked"].dtype == torch.int64 and state["1.num_batches_tracked"] == 7
    other = a_net(seed=4)
    weights.load_into(other, saved)
    assert torch.equal(other[0].bias, net[0].bias.half().float())
    assert size == spec.bundled_path.stat().st_size and [p.name for p in (tmp_path / "weights").iterdir()] == [
        "net.safetensors"
    ]


def test_the_same_net_gives_the_same_file(tmp_path):
    assert len({weights.save(a_net(seed=5), tmp_path / "net.safetensors") for _ in range(8)}) == 1


def test_values_beyond_half_precision_are_kept_and_said(tmp_path, caplog):
    net = a_net()
    net[1].running_var[0] = 70000.0
    with caplog.at_level(logging.WARNING):
        digest, size = weights.save(net, tmp_path / "net.safetensors")
    assert "1.running_var holds 70000, beyond half precision" in caplog.text
    big = entry((tmp_path / "net.safetensors").read_bytes(), tmp_path, bundled="net.safetensors", hub=None)
    assert (big.sha256, big.size) == (digest, size)
    assert weights.state_dict(big)["1.running_var"][0] == 70000.0


def test_a_diverged_net_is_not_saved(tmp_path):
    net = a_net()
    net[0].bias.data[1] = torch.nan
    with pytest.raises(WeightsError, match=r"0\.bias has values that are not finite"):
        weights.save(net, tmp_path / "net.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_bundled_comes_before_the_folder_and_the_folder_before_the_hub(spec, content, hub, tmp_path, monkeypatch):
    both = manifest.ModelSpec(**(vars(spec) | {"hub": HUB}))
    hub.files[REPO, REVISION, FILE] = content
    assert tmp_path / "cache" in weights.path(both).parents
    monkeypatch.setenv("CXR_WEIGHTS", str(tmp_path / "mine"))
    put(tmp_path / "mine/net.safetensors", content)
    assert weights.path(both) == tmp_path / "mine/net.safetensors"
    put(both.bundled_path, content)
    assert weights.path(both) == both.bundled_path
    assert [s.where for s in weights.status({"net": both})] == ["bundled"]


def test_absent_everywhere_names_the_remedy(spec, tmp_path, monkeypatch):
    with pytest.raises(WeightsMissing, match=r"net are missing.*git checkout -- weights/net\.safetensors"):
        weights.path(spec)
    monkeypatch.setenv("CXR_WEIGHTS", str(tmp_path / "none"))
    with pytest.raises(WeightsMissing, match=r"none \(CXR_WEIGHTS\) does not have it either"):
        weights.state_dict(spec)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data[:-1], r"bytes where the manifest says \d+ for net: cut short.*git checkout"),
        (lambda data: data + b"x", r"bytes where the manifest says"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), r"its SHA-256 differs\. Restore it with `git checkout"),
        (lambda data: b"", r"has 0 bytes"),
    ],
)
def test_a_changed_file_is_never_parsed(spec, content, change, said, monkeypatch):
    put(spec.bundled_path, change(content))
    monkeypatch.setattr(weights.safetensors.torch, "load", lambda data: pytest.fail("parsed before it was verified"))
    with pytest.raises(WeightsMismatch, match=said):
        weights.state_dict(spec)


class Trap:
    """Unpickling this creates a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_a_pickle_called_safetensors_is_refused_unopened(tmp_path):
    data = pickle.dumps(Trap(tmp_path / "sprung"))
    put(tmp_path / "net.safetensors", data)
    with pytest.raises(WeightsMismatch, match="is not a safetensors file"):
        weights.state_dict(entry(data, tmp_path, bundled="net.safetensors", hub=None))
    assert not (tmp_path / "sprung").exists()


def test_bfloat16_is_widened(tmp_path):
    save_file({"a": torch.tensor([1.5], dtype=torch.bfloat16)}, tmp_path / "net.safetensors")
    spec = entry((tmp_path / "net.safetensors").read_bytes(), tmp_path, bundled="net.safetensors", hub=None)
    state = weights.state_dict(spec)
    assert state["a"].dtype == torch.float32 and state["a"].item() == 1.5


def test_another_architecture_lists_the_first_differences(spec, content):
    put(spec.bundled_path, content)
    wider = nn.Sequential(*a_net(width=5), nn.Conv2d(5, 1, 1))
    before = wider[0].weight.clone()
    with pytest.raises(WeightsMismatch) as caught:
        weights.load_into(wider, spec)
    said = str(caught.value)
    assert "2.weight is missing; 2.bias is missing; 0.weight is (4, 1, 3, 3) instead of (5, 1, 3, 3) and 5 more" in said
    assert torch.equal(wider[0].weight, before)
    with pytest.raises(WeightsMismatch, match=r": 1\.bias is unknown; 1\.num_batches_tracked is unknown; .* 2 more"):
        weights.load_into(nn.Sequential(nn.Conv2d(1, 4, 3)), spec)


def test_the_hub_is_asked_for_the_pinned_revision_once(hub, hub_spec, content):
    hub.files[REPO, REVISION, FILE] = content
    weights.load_into(a_net(seed=9), hub_spec)
    asked = [r for r in hub.requests if "/resolve/" in r]
    assert f"GET /{REPO}/resolve/{REVISION}/{FILE}" in asked
    assert all(f"/resolve/{REVISION}/" in r for r in asked)
    weights.state_dict(hub_spec)
    assert [r for r in hub.requests if "/resolve/" in r] == asked


def test_a_file_spoilt_in_the_cache_is_healed_as_the_message_says(hub, hub_spec, content):
    hub.files[REPO, REVISION, FILE] = content
    weights.fetch(hub_spec).resolve().write_bytes(content[::-1])
    with pytest.raises(WeightsMismatch) as caught:
        weights.fetch(hub_spec)
    Path(str(caught.value).partition("Delete ")[2].partition(" and try again")[0]).unlink()
    assert weights.fetch(hub_spec).read_bytes() == content


def test_another_file_on_the_hub_is_a_mismatch(hub, hub_spec, content):
    hub.files[REPO, REVISION, FILE] = content[::-1]
    with pytest.raises(WeightsMismatch, match=r"its SHA-256 differs\. Delete .*cache.* and try again"):
        weights.state_dict(hub_spec)


def test_a_file_cut_short_on_the_hub_is_a_mismatch(hub, hub_spec, content):
    hub.files[REPO, REVISION, FILE] = content[:100]
    with pytest.raises(WeightsMismatch, match="has 100 bytes where the manifest says"):
        weights.state_dict(hub_spec)


@pytest.mark.parametrize(
    ("status", "remedy"), [(401, "hf auth login"), (403, "HF_TOKEN"), (404, "HF_ENDPOINT"), (503, "HF_ENDPOINT")]
)
def test_a_hub_that_declines_is_named_with_its_answer(hub, hub_spec, status, remedy):
    hub.status = status if status != 404 else 200
    with pytest.raises(WeightsMissing, match=rf"{hub.url} answers with status {status} .*{REVISION}.*{remedy}"):
        weights.state_dict(hub_spec)
    assert [r for r in hub.requests if "/resolve/" in r] == [f"HEAD /{REPO}/resolve/{REVISION}/{FILE}"]


def test_an_unreachable_hub_is_said_at_once(hub_spec, monkeypatch, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    use_hub(monkeypatch, url, tmp_path / "cache")
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"waits {seconds} s to try again"))
    with pytest.raises(WeightsMissing, match=rf"{url} cannot be used: .*check the network.*CXR_WEIGHTS"):
        weights.path(hub_spec)


def test_a_silent_hub_is_given_up(hub, hub_spec, monkeypatch):
    hub.answer = threading.Event()
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 0.3)
    with pytest.raises(WeightsMissing, match="timed out"):
        weights.path(hub_spec)


def test_offline_uses_the_cache_and_says_when_it_is_empty(hub, hub_spec, content, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsMissing, match=r"HF_HUB_OFFLINE forbids.*unset it, or put net\.safetensors into"):
        weights.path(hub_spec)
    assert hub.requests == []
    hub.files[REPO, REVISION, FILE] = content
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    weights.path(hub_spec)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert weights.state_dict(hub_spec)


def in_a_new_process(file, **environment):
    """What a fresh Python, as a reader would start it, says to weights.path of the one entry in ``file``."""
    code = "from cxr_models import manifest, weights; print(weights.status(s := manifest.specs())[0].ok)"
    code += "; print(weights.path(s['net'])); print(weights.status(s)[0].ok)"
    plain = {k: v for k, v in os.environ.items() if not k.startswith("HF_") and k != "CXR_WEIGHTS"}
    env = plain | {"CXR_MANIFEST": str(file), "NO_PROXY": "127.0.0.1"} | environment
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)


def test_the_environment_of_huggingface_hub_is_honoured(hub_spec, content, tmp_path):
    manifest.write({"net": hub_spec}, tmp_path / "manifest.toml")
    with serve() as hub:
        hub.files[REPO, REVISION, FILE] = content
        there = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home")}
        offline = in_a_new_process(tmp_path / "manifest.toml", **there, HF_HUB_OFFLINE="1")
        assert offline.returncode == 1 and "WeightsMissing" in offline.stderr and hub.requests == []
        online = in_a_new_process(tmp_path / "manifest.toml", **there)
    before, file, after = online.stdout.split()
    assert (before, after) == ("False", "True") and tmp_path / "home/hub" in Path(file).parents
    assert Path(file).read_bytes() == content


def test_a_nonsensical_endpoint_is_a_sentence_too(hub_spec, tmp_path):
    manifest.write({"net": hub_spec}, tmp_path / "manifest.toml")
    said = in_a_new_process(tmp_path / "manifest.toml", HF_ENDPOINT="http://[hub", HF_HOME=str(tmp_path))
    assert said.stderr.splitlines()[-1].startswith("cxr_models.errors.WeightsMissing: huggingface_hub cannot start")
    assert "False" in said.stdout.splitlines()


def test_status_tells_every_state_and_downloads_nothing(hub, spec, hub_spec, content, tmp_path, monkeypatch):
    put(spec.bundled_path, content)
    cut = manifest.ModelSpec(**(vars(spec) | {"id": "cut", "bundled": "weights/cut.safetensors"}))
    put(cut.bundled_path, content[:-1])
    gone = manifest.ModelSpec(**(vars(spec) | {"id": "gone", "bundled": "weights/gone.safetensors"}))
    mine = manifest.ModelSpec(**(vars(spec) | {"id": "mine", "bundled": "weights/mine.safetensors"}))
    monkeypatch.setenv("CXR_WEIGHTS", str(tmp_path / "mine"))
    put(tmp_path / "mine/mine.safetensors", content)
    lines = weights.status({"net": spec, "cut": cut, "gone": gone, "mine": mine, "far": hub_spec})
    assert [(s.id, s.ok) for s in lines] == [
        ("net", True), ("cut", False), ("gone", False), ("mine", True), ("net", False)
    ]  # fmt: skip
    assert [s.where for s in lines] == ["bundled", "bundled", "nowhere", f"folder {tmp_path / 'mine'}", f"hub {REPO}"]
    assert "cut short" in lines[1].sentence and "git checkout" in lines[2].sentence
    assert "fetched at first use" in lines[4].sentence and hub.requests == []

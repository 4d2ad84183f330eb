"""To a hub repository and back over real HTTP: what goes up, what is pinned, what is refused and in which sentence."""

import os
import socket
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from loopback import serve
from small_models import entry
from test_weights import use_hub

from cxr_models import hub, manifest, registry, sharing, weights
from cxr_models.__main__ import main
from cxr_models.errors import ManifestError, UnknownModel, WeightsError, WeightsMismatch, WeightsMissing

REPO, TOKEN = "some-owner/cxr-models", "hf_known"
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def there(monkeypatch, tmp_path):
    """A running hub to which we may push."""
    with serve() as running:
        use_hub(monkeypatch, running.url, tmp_path / "cache")
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.delenv("CXR_WEIGHTS", raising=False)
        yield running


@pytest.fixture
def ours(tmp_path, monkeypatch):
    """The manifest in use: two small classifiers with their files beside it."""
    torch.manual_seed(0)
    file = tmp_path / "ours.toml"
    manifest.write({name: entry(name, tmp_path) for name in ("whole", "inside")}, file)
    monkeypatch.setenv("CXR_MANIFEST", str(file))
    return file


@pytest.fixture
def theirs(there, ours, tmp_path, monkeypatch):
    """Somebody else's manifest, not begun yet, after ours was pushed; neither shares a file with the other."""
    sharing.push(["whole", "inside"], REPO)
    file = tmp_path / "elsewhere" / "theirs.toml"
    file.parent.mkdir()
    monkeypatch.setenv("CXR_MANIFEST", str(file))
    return file


def repository(there) -> dict[str, bytes]:
    """File -> content of the repository's main branch, without what the hub itself puts there."""
    return {name: data for name, data in there.at(REPO, "main").items() if name != ".gitattributes"}


def wrote(there) -> list[str]:
    return [request for request in there.requests if request.startswith(("POST", "PUT"))]


def unreachable() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_pushed_then_deleted_here_then_pulled_is_the_same_file(there, ours, tmp_path, capsys):
    file = tmp_path / "whole.safetensors"
    before = file.read_bytes()
    assert main(["weights", "push", "whole", "--repo", REPO]) == 0
    revision = there.heads[REPO]
    assert f"whole        pushed     {REPO} at {revision}" in capsys.readouterr().out
    pinned = manifest.specs()["whole"]
    assert pinned.hub == manifest.Hub(REPO, revision, "whole.safetensors") and pinned.bundled == "whole.safetensors"
    assert manifest.specs()["inside"].hub is None
    file.unlink()
    assert [s.where for s in weights.status(manifest.specs())] == [f"hub {REPO}", "bundled"]
    assert main(["weights", "pull", "whole"]) == 0
    path = sharing.pull(["whole"])["whole"]
    assert f"whole        ok         {path}" in capsys.readouterr().out
    assert path.read_bytes() == before and tmp_path / "cache" in path.parents
    weights.load_into(registry.build(pinned.architecture, pinned.settings), pinned)


def test_nothing_but_weights_entry_and_card_goes_up(there, ours, tmp_path):
    spec = manifest.specs()["whole"]
    sharing.push(["whole"], REPO)
    files = repository(there)
    assert sorted(files) == ["README.md", "whole.safetensors", "whole.toml"] and REPO in there.private
    assert files["whole.safetensors"] == (tmp_path / "whole.safetensors").read_bytes()
    assert list(tomllib.loads(files["whole.toml"].decode())) == ["whole"]
    (tmp_path / "clone").mkdir()
    (tmp_path / "clone/whole.toml").write_bytes(files["whole.toml"])
    assert manifest.specs(tmp_path / "clone/whole.toml") == {"whole": spec}
    assert not any(str(tmp_path).encode() in content or TOKEN.encode() in content for content in files.values())


def test_several_models_are_one_commit_and_what_is_there_stays(there, ours):
    sharing.push(["whole"], REPO)
    first = there.heads[REPO]
    sharing.push(["inside"], REPO)
    assert len([r for r in wrote(there) if "/commit/" in r]) == 2
    assert {n: s.hub.revision for n, s in manifest.specs().items()} == {"whole": first, "inside": there.heads[REPO]}
    files = repository(there)
    assert {"whole.toml", "inside.toml", "whole.safetensors", "inside.safetensors"} < set(files)
    assert b"(`whole`)" in files["README.md"] and b"(`inside`)" in files["README.md"]
    sharing.push(["whole", "inside"], "some-owner/both")
    assert len([r for r in wrote(there) if "both/commit/" in r]) == 1


def test_pushing_the_same_again_makes_no_commit(there, ours):
    sharing.push(["whole"], REPO)
    first, asked = there.heads[REPO], len(wrote(there))
    sharing.push(["whole"], REPO)
    assert there.heads[REPO] == manifest.specs()["whole"].hub.revision == first
    assert not any("/commit/" in r or "/storage/" in r for r in wrote(there)[asked:])


def test_public_only_when_asked_for(there, ours, capsys):
    assert main(["weights", "push", "whole", "--repo", REPO, "--public"]) == 0
    assert REPO not in there.private
    asked = wrote(there)
    assert main(["weights", "push", "inside", "--repo", REPO]) == 1
    assert f"{REPO} is public, for anyone to read: add --public" in capsys.readouterr().err
    assert wrote(there) == asked
    assert main(["weights", "push", "inside", "--repo", REPO, "--public"]) == 0


@pytest.mark.parametrize(
    ("token", "writer", "said"),
    [
        (None, True, "there is no token. Put one with write access into HF_TOKEN or run `hf auth login`"),
        ("hf_stolen", True, "answers with status 401"),
        (TOKEN, False, "answers with status 403"),
        ("hf_known\x01", True, "has characters that no token has"),
        ("hf_kn\u00f6wn", True, "has characters that no token has"),
    ],
)
def test_a_token_that_is_absent_or_refused_is_said_and_never_shown(
    there, ours, token, writer, said, monkeypatch, capsys
):
    before = ours.read_bytes()
    there.writer = writer
    monkeypatch.delenv("HF_TOKEN")
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    assert main(["weights", "push", "whole", "--repo", REPO]) == 1
    told = capsys.readouterr().err
    assert said in told and "HF_TOKEN" in told and len(told.splitlines()) == 1
    assert token is None or token[:8] not in told
    assert ours.read_bytes() == before and REPO not in there.heads


@pytest.mark.parametrize(("part", "status"), [("/storage/", 403), ("/commit/", 400), ("objects/batch", 404)])
def test_an_upload_that_breaks_off_pins_nothing(there, ours, part, status):
    before = ours.read_bytes()
    there.declines[part] = status
    with pytest.raises(WeightsError, match=rf"Pushing to {REPO} failed: {there.url} answers with status {status} "):
        sharing.push(["whole", "inside"], REPO)
    assert ours.read_bytes() == before and repository(there) == {}


def test_a_commit_of_somebody_else_meanwhile_is_not_run_over(there, ours, monkeypatch):
    sharing.push(["whole"], REPO)
    find = hub.find

    def find_and_be_overtaken(repo, revision="main"):
        found = find(repo, revision)
        there.add(repo, {"notes.txt": b"from somebody else"})
        return found

    monkeypatch.setattr(hub, "find", find_and_be_overtaken)
    with pytest.raises(WeightsError, match="status 412 .*somebody pushed at the same time, push again"):
        sharing.push(["inside"], REPO)
    assert manifest.specs()["inside"].hub is None


def test_a_file_that_the_hub_leaves_out_is_missed(there, ours):
    there.ignored = (".safetensors",)
    with pytest.raises(WeightsError, match=r"the hub left out whole\.safetensors\. See \.gitignore there"):
        sharing.push(["whole"], REPO)
    assert manifest.specs()["whole"].hub is None


def test_weights_that_are_not_the_manifests_never_leave(there, ours, tmp_path):
    file = tmp_path / "whole.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(WeightsMismatch, match="its SHA-256 differs"):
        sharing.push(["inside", "whole"], REPO)
    assert there.requests == []


def test_an_entry_trained_anew_during_the_upload_keeps_its_own_weights(there, ours, tmp_path, monkeypatch):
    commit, newer = hub.commit, {}

    def commit_while_training_ends(*arguments):
        revision = commit(*arguments)
        newer["whole"] = entry("whole", tmp_path)
        manifest.update(ours, newer["whole"])
        return revision

    monkeypatch.setattr(hub, "commit", commit_while_training_ends)
    with pytest.raises(ManifestError, match="The entry of whole changed while it was pushed: push it again"):
        sharing.push(["whole", "inside"], REPO)
    assert manifest.specs()["whole"] == newer["whole"] and manifest.specs()["inside"].hub.repo == REPO


def test_a_repository_is_added_at_the_commit_that_main_is(there, theirs, ours, capsys):
    assert main(["weights", "pull", "--repo", REPO]) == 0
    assert f"inside       added      {REPO} at {there.heads[REPO]}" in capsys.readouterr().out
    added = manifest.specs()
    assert list(added) == ["inside", "whole"] and {s.hub.revision for s in added.values()} == {there.heads[REPO]}
    assert all(s.bundled is None and s.folder == theirs.parent for s in added.values())
    assert not sharing._differences(added["whole"], manifest.specs(ours)["whole"])
    assert all(s.ok for s in weights.status(added))


def test_a_commit_and_one_model_can_be_named(there, theirs):
    first = there.heads[REPO]
    there.add(REPO, {"whole.toml": b"rubbish = 1"})
    assert main(["weights", "pull", "whole", "--repo", REPO, "--revision", first]) == 0
    assert {n: s.hub.revision for n, s in manifest.specs().items()} == {"whole": first}
    with pytest.raises(UnknownModel, match="There is no model 'hole'. There are: inside, whole"):
        sharing.adopt(REPO, first, ["hole"])


def test_the_same_model_keeps_its_file_and_gets_the_pin(there, theirs, ours, monkeypatch):
    monkeypatch.setenv("CXR_MANIFEST", str(ours))
    first = there.heads[REPO]
    later = there.add(REPO, {"notes.txt": b"."})
    assert manifest.specs()["whole"].hub.revision == first != later
    sharing.adopt(REPO)
    assert {(s.bundled, s.hub.revision) for s in manifest.specs().values()} == {
        (f"{name}.safetensors", later) for name in ("whole", "inside")
    }


def test_another_model_of_the_same_name_is_never_overwritten(there, theirs, tmp_path):
    mine = entry("whole", theirs.parent, title="My own")
    manifest.write({"whole": mine}, theirs)
    before, asked = theirs.read_bytes(), len(there.requests)
    with pytest.raises(
        ManifestError, match=r"theirs\.toml has another whole already \(it differs in title, sha256\).*CXR_MANIFEST"
    ):
        sharing.adopt(REPO)
    assert theirs.read_bytes() == before
    assert not any(".safetensors" in request for request in there.requests[asked:])


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"whole.safetensors": b"other bytes"}, WeightsMismatch, "has 11 bytes where the manifest says"),
        ({"whole.toml": b"[whole"}, ManifestError, f"{REPO} at .*whole.toml is not valid TOML"),
        ({"whole.toml": b"[whole]\nsize = 1\n"}, ManifestError, "entry whole.title: missing"),
        ({"whole.toml": b""}, ManifestError, r"whole\.toml must have one entry, \[whole\]\. Correct it there"),
    ],
)
def test_a_spoilt_repository_changes_nothing_here(there, theirs, change, error, said):
    there.add(REPO, change)
    with pytest.raises(error, match=said):
        sharing.adopt(REPO)
    assert not theirs.exists()


def test_bytes_of_the_right_length_are_not_enough(there, theirs):
    there.add(REPO, {"whole.safetensors": repository(there)["whole.safetensors"][::-1]})
    with pytest.raises(WeightsMismatch, match="its SHA-256 differs"):
        sharing.adopt(REPO)
    assert not theirs.exists()


def test_an_entry_that_no_network_here_fits_is_not_added(there, theirs):
    text = repository(there)["whole.toml"].decode()
    there.add(REPO, {"whole.toml": text.replace('architecture = "cnn_x"', 'architecture = "cnn_y"').encode()})
    with pytest.raises(UnknownModel, match="No architecture 'cnn_y'"):
        sharing.adopt(REPO)
    there.add(REPO, {"whole.toml": text.replace("size = 64\nclasses = 3", "size = 64\nclasses = 2").encode()})
    with pytest.raises(WeightsMismatch, match="The weights of whole do not fit its architecture"):
        sharing.adopt(REPO)
    assert not theirs.exists()


def test_other_files_of_a_repository_are_none_of_ours(there, ours):
    there.private.add("some-owner/tools")
    commit = there.add(
        "some-owner/tools", {"pyproject.toml": b"[project]", "sub/whole.toml": b"", "README.md": b"Mine"}
    )
    with pytest.raises(WeightsMissing, match=f"some-owner/tools holds no models of this program at {commit}"):
        sharing.adopt("some-owner/tools")


@pytest.mark.parametrize(
    ("repo", "revision", "said"),
    [
        ("some-owner/none", "main", "There is no some-owner/none on the hub, or a private one: correct the name"),
        (REPO, "a" * 40, f"{REPO} cannot be read: .* answers with status 404 .asked for {REPO} at aaaa"),
        ("cxr-models", "main", "'cxr-models' is not the name of a repository: write OWNER/NAME"),
    ],
)
def test_what_is_not_on_the_hub_is_said(there, theirs, repo, revision, said):
    with pytest.raises(WeightsError, match=said):
        sharing.adopt(repo, revision)


def test_a_private_repository_needs_the_token(there, theirs, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(WeightsMissing, match=r"or a private one: .*needs a token \(HF_TOKEN\)"):
        sharing.adopt(REPO)


def test_no_hub_a_silent_hub_and_no_leave_to_ask(there, ours, theirs, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("CXR_MANIFEST", str(ours))
    asked = len(there.requests)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    commands = (["push", "whole", "--repo", REPO], ["pull", "--repo", REPO], ["pull", "whole"])
    assert [main(["weights", *command]) for command in commands] == [1, 1, 1]
    assert capsys.readouterr().err.count(f"HF_HUB_OFFLINE forbids asking {there.url}: unset it") == 3
    assert len(there.requests) == asked
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 0.3)
    there.answer = threading.Event()
    assert [main(["weights", *command]) for command in commands] == [1, 1, 1]
    assert capsys.readouterr().err.count("timed out") == 3
    use_hub(monkeypatch, url := unreachable(), tmp_path / "cache")
    assert [main(["weights", *command]) for command in commands] == [1, 1, 1]
    told = capsys.readouterr().err
    assert told.count(f"{url} cannot be used: ") == told.count("check the network and HF_ENDPOINT") == 3


def test_a_manifest_that_cannot_be_written_is_a_sentence(there, theirs, monkeypatch):
    monkeypatch.setenv("CXR_MANIFEST", str(theirs.parent / "nowhere" / "manifest.toml"))
    with pytest.raises(ManifestError, match="cannot be written .No such file or directory.: make it and its folder"):
        sharing.adopt(REPO)


def test_models_without_a_hub_and_unknown_ones(there, ours):
    with pytest.raises(WeightsMissing, match="The manifest names no hub for whole: push it to one first"):
        sharing.pull(["whole"])
    with pytest.raises(UnknownModel, match="There is no model 'hole'. There are: whole, inside"):
        sharing.push(["hole"], REPO)
    assert there.requests == []


def in_a_new_process(*arguments, **environment):
    """``python -m cxr_models weights``, as a reader would start it."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("HF_") and k != "CXR_WEIGHTS"}
    command = [sys.executable, "-m", "cxr_models", "weights", *arguments]
    env = plain | {"NO_PROXY": "127.0.0.1"} | environment
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)


def test_the_environment_of_huggingface_hub_is_honoured(ours, tmp_path):
    push, home = ("push", "whole", "--repo", REPO), {"HF_HOME": str(tmp_path / "home"), "HF_TOKEN": TOKEN}
    nonsense = in_a_new_process(*push, **home, HF_ENDPOINT="http://[hub")
    assert nonsense.returncode == 1 and "huggingface_hub cannot start" in nonsense.stderr.splitlines()[-1]
    with serve() as there:
        pushed = in_a_new_process(*push, **home, HF_ENDPOINT=there.url, HF_HUB_DISABLE_XET="1")
        assert pushed.returncode == 0 and there.heads[REPO] in pushed.stdout
        assert "whole.safetensors" in repository(there) and TOKEN not in pushed.stdout + pushed.stderr

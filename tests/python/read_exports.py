"""Opens exports with the readers people use and compares counts and labels.

    python3 tests/python/read_exports.py EXPORTS

EXPORTS holds the folders imagefolder, webdataset, parquet, csv and jsonl; those missing are skipped.
Prints one line a reader: `ok`, `skipped` with the reason, or `FAILED` with what differs, and ends
with status 1 when one failed. With --readers it only prints which readers there are.
"""

import collections
import csv
import glob
import importlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile

SIDES = ("train", "validation", "test")
READERS = ("datasets", "webdataset", "torchvision", "mlcroissant", "fastai", "keras")


def why_not(reader):
    """Why a reader cannot be used here; None where it can."""
    if reader == "keras" and importlib.util.find_spec("torch") is not None:
        os.environ.setdefault("KERAS_BACKEND", "torch")
    try:
        importlib.import_module(reader)
    except Exception as error:  # Whatever a half-installed library raises.
        return f"{reader} is not installed here ({type(error).__name__}: {error})"
    return None


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def expected(folder):
    """Side -> label -> count, as the export itself says it."""
    counts = {}
    for side in SIDES:
        path = os.path.join(folder, side, "metadata.jsonl")
        if os.path.exists(path):
            counts[side] = collections.Counter(row["label"] for row in lines(path))
    return counts


def names(folder):
    with open(os.path.join(folder, "labels.json"), encoding="utf-8") as file:
        labels = json.load(file)
    assert [label["index"] for label in labels] == list(range(len(labels))), "labels have gaps"
    return [label["id"] for label in labels]


def same(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}: got {got}, wanted {wanted}")


def read_datasets(root):
    import datasets

    folder = os.path.join(root, "imagefolder")
    wanted = expected(folder)
    with tempfile.TemporaryDirectory() as cache:
        for how, arguments in (
            ("by its card", {"path": folder}),
            ("as imagefolder", {"path": "imagefolder", "data_dir": folder}),
        ):
            loaded = datasets.load_dataset(cache_dir=cache, **arguments)
            same(f"sides {how}", sorted(loaded), sorted(wanted))
            for side, data in loaded.items():
                got = collections.Counter(data["label"])
                same(f"labels of {side} {how}", got, wanted[side])
                assert data[0]["image"].size[0] > 0, "an image does not open"
                assert data[0]["latin"] != "", "the Latin name is lost"
        shards = os.path.join(root, "webdataset")
        if os.path.isdir(shards):
            for side, data in datasets.load_dataset(shards, cache_dir=cache).items():
                got = collections.Counter(data["cls"])
                same(f"labels of {side} in shards", got, wanted[side])
            if how == "by its card":
                same("names", loaded["train"].features["label"].names, names(folder))
    return f"{sum(sum(side.values()) for side in wanted.values())} images, twice"


def read_torchvision(root):
    from torchvision.datasets import ImageFolder

    folder = os.path.join(root, "imagefolder")
    ids = names(folder)
    total = 0
    for side, wanted in expected(folder).items():
        data = ImageFolder(os.path.join(folder, side))
        got = collections.Counter(ids.index(data.classes[label]) for _, label in data.samples)
        same(f"labels of {side}", got, wanted)
        if side == "train":
            same("numbers", data.classes, ids)
        image, _ = data[0]
        assert image.size[0] > 0
        total += len(data)
    return f"{total} images"


def read_webdataset(root):
    import webdataset

    folder = os.path.join(root, "webdataset")
    ids = names(folder)
    seen = set()
    total = 0
    for side in SIDES:
        shards = sorted(glob.glob(os.path.join(folder, f"{side}-*.tar")))
        if not shards:
            continue
        data = webdataset.WebDataset(shards, shardshuffle=False).decode("pil")
        for image, label, row, key in data.to_tuple("jpg;png;webp;gif", "cls", "json", "__key__"):
            assert image.size[0] > 0
            same(f"label of {key}", (label, ids[label]), (row["label"], row["species"]))
            same(f"side of {key}", row["split"], side)
            assert key not in seen, f"{key} is there twice"
            seen.add(key)
            total += 1
    folders = os.path.join(root, "imagefolder")
    if os.path.isdir(folders):
        same("count", total, sum(sum(side.values()) for side in expected(folders).values()))
    return f"{total} samples"


def read_parquet(root):
    """Parquet as datasets reads it, and with pandas."""
    import datasets
    import pandas

    folder = os.path.join(root, "parquet")
    wanted = expected(os.path.join(root, "imagefolder"))
    total = 0
    with tempfile.TemporaryDirectory() as cache:
        loaded = datasets.load_dataset(folder, cache_dir=cache)
        same("sides", sorted(loaded), sorted(wanted))
        for side, data in loaded.items():
            same(f"labels of {side}", collections.Counter(data["label"]), wanted[side])
            for row in data:
                same("size", row["image"].size, (row["width"], row["height"]))
            total += len(data)
        same("names", loaded["train"].features["label"].names, names(folder))
    paths = glob.glob(os.path.join(folder, "data", "*.parquet"))
    same("pandas", sum(len(pandas.read_parquet(path)) for path in paths), total)
    return f"{total} rows, twice"


def read_mlcroissant(root):
    import mlcroissant

    told = []
    counts = []
    for form in ("imagefolder", "webdataset", "parquet", "csv", "jsonl"):
        folder = os.path.join(root, form)
        if not os.path.isdir(folder):
            continue
        dataset = mlcroissant.Dataset(jsonld=os.path.join(folder, "croissant.json"))
        issues = dataset.metadata.ctx.issues
        same(f"errors of {form}", list(issues.errors), [])
        sides = [each.id for each in dataset.metadata.record_sets if each.id in SIDES]
        records = [record for side in sides for record in dataset.records(side)]
        ids = names(folder)
        for record in records:
            row = {key.split("/")[-1]: value for key, value in record.items()}
            row = json.loads(row["row"]) if "row" in row else row
            text = row["species"]
            species = text.decode() if isinstance(text, bytes) else text
            same("label", ids[int(row["label"])], species)
        told.append(f"{form} {len(records)} records, {len(issues.warnings)} warnings")
        # Of several shards in a set, mlcroissant 1.1 reads one.
        # Of Parquet, each shard is a set of records.
        many = glob.glob(os.path.join(folder, "*-000001.tar")) + glob.glob(
            os.path.join(folder, "data", "*-00001-of-*"))
        if not many:
            counts.append((form, len(records)))
    assert len({count for _, count in counts}) == 1, f"counts differ: {counts}"
    return "; ".join(told)


def read_fastai(root):
    from fastai.vision.all import ImageDataLoaders, Resize

    folder = os.path.join(root, "imagefolder")
    wanted = expected(folder)
    loaders = ImageDataLoaders.from_folder(
        folder, train="train", valid="validation", item_tfms=Resize(64), bs=2, num_workers=0)
    same("species", list(loaders.vocab), names(folder))
    same("train", len(loaders.train_ds), sum(wanted["train"].values()))
    same("validation", len(loaders.valid_ds), sum(wanted["validation"].values()))
    return f"{len(loaders.train_ds) + len(loaders.valid_ds)} images"


def read_keras(root):
    import keras

    folder = os.path.join(root, "imagefolder")
    total = 0
    for side, wanted in expected(folder).items():
        data = keras.utils.image_dataset_from_directory(
            os.path.join(folder, side), batch_size=1, image_size=(64, 64), shuffle=False,
            format="grain", verbose=False)
        got = sum(1 for _ in data)
        same(f"images of {side}", got, sum(wanted.values()))
        total += got
    return f"{total} images"


def run_cards(root):
    """The code of the cards: the baseline of each format, and the recipe while loading."""
    import PIL.Image
    import numpy
    import torch  # noqa: F401, whatever lacks is said by the import

    ran = []
    for form in ("imagefolder", "webdataset", "parquet", "csv", "jsonl"):
        folder = os.path.join(root, form)
        if not os.path.isdir(folder):
            continue
        with open(os.path.join(folder, "README.md"), encoding="utf-8") as file:
            blocks = re.findall(r"```python\n(.*?)```", file.read(), re.S)
        for block in blocks:
            if "A.Compose" in block and why_not("albumentations") is None:
                values = {}
                exec(block, values)
                picture = numpy.zeros((300, 400, 3), numpy.uint8)
                for _ in range(9):
                    same("albumentations", values["augment"](image=picture)["image"].shape,
                         (224, 224, 3))
                ran.append("albumentations")
            if "v2.Compose" in block:
                values = {}
                exec(block, values)
                for _ in range(9):
                    made = values["augment"](PIL.Image.new("RGB", (400, 300)))
                    same("torchvision", tuple(made.shape), (3, 224, 224))
                ran.append("torchvision")
            if "models.resnet18" in block:
                block = block.replace('weights="DEFAULT"', "weights=None").replace("(300)", "(5)")
                done = subprocess.run([sys.executable, "-c", block], cwd=folder, text=True,
                                      capture_output=True)
                same(f"status of {form}'s baseline: {done.stderr}", done.returncode, 0)
                assert " of " in done.stdout, done.stdout
                ran.append(form)
    return ", ".join(ran)


def read_plain(root):
    """The lists, with nothing but Python's own modules."""
    total = None
    for form, read in (
        ("csv", lambda path: list(csv.DictReader(open(path, encoding="utf-8", newline="")))),
        ("jsonl", lines),
    ):
        folder = os.path.join(root, form)
        if not os.path.isdir(folder):
            continue
        ids = names(folder)
        rows = [row for side in SIDES for path in glob.glob(os.path.join(folder, f"{side}.{form}"))
                for row in read(path)]
        for row in rows:
            row = json.loads(row["row"]) if "row" in row else row
            text = row["species"]
            species = text.decode() if isinstance(text, bytes) else text
            same("label", ids[int(row["label"])], row["species"])
            path = os.path.join(folder, row["file_name"])
            same(f"size of {path}", os.path.getsize(path), int(row["bytes"]))
        assert total is None or total == len(rows), "csv and jsonl differ"
        total = len(rows)
    return f"{total} rows"


def main():
    # It remembers what it unpacked by the file's name alone.
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CROISSANT_CACHE"] = cache
        return run()


def run():
    missing = {reader: why_not(reader) for reader in READERS}
    if sys.argv[1:] == ["--readers"]:
        print(" ".join(reader for reader in READERS if missing[reader] is None))
        return 0
    root = os.path.abspath(sys.argv[1])
    failed = False
    for reader, read, form in (
        ("plain", read_plain, "csv"),
        ("datasets", read_datasets, "imagefolder"),
        ("datasets", read_parquet, "parquet"),
        ("torchvision", read_torchvision, "imagefolder"),
        ("webdataset", read_webdataset, "webdataset"),
        ("mlcroissant", read_mlcroissant, "imagefolder"),
        ("fastai", read_fastai, "imagefolder"),
        ("keras", read_keras, "imagefolder"),
        ("torchvision", run_cards, "imagefolder"),
    ):
        why = missing.get(reader)
        if why is None and not os.path.isdir(os.path.join(root, form)):
            why = f"there is no folder {form} here"
        if why is not None:
            print(f"skipped {reader}: {why}")
            continue
        try:
            print(f"ok {reader}: {read(root)}")
        except Exception as error:
            failed = True
            cause = f" because of {error.__cause__!r}" if error.__cause__ else ""
            print(f"FAILED {reader}: {type(error).__name__}: {error}{cause}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Made tokenize_python.json beside this file: random calls of Marian and M2M100, whose classes only Python has, with
# what transformers 4.57.6 returns. Usage: python3 make_python_calls.py FILE SEED COUNT
import json
import logging
import pathlib
import random
import shutil
import sys
import tempfile

import transformers

FAMILIES = pathlib.Path(__file__).parent.parent / "tokenizer/data/families"
SETS = ["MarianTokenizer", "M2M100Tokenizer"]
TEXTS = ["", "the", "Tom the", "the house Tom", "Tom </s>"]


def load(one, config, folder):
    for to, name in one["files"].items():
        shutil.copy(FAMILIES / name, folder / to)
    (folder / "tokenizer_config.json").write_text(json.dumps(one["config"] | config))
    return transformers.AutoTokenizer.from_pretrained(folder)


def parameters(random):
    out = {}
    for name, values in {"return_length": [True], "return_token_type_ids": [True], "add_special_tokens": [False],
                         "padding": [True, "max_length"], "max_length": [3, 6, 12], "truncation": [True, "only_first"],
                         "return_overflowing_tokens": [True], "padding_side": ["left"], "pad_to_multiple_of": [3],
                         "is_split_into_words": [True]}.items():
        likely = 0.1 if name == "is_split_into_words" else 0.4
        if random.random() < likely:
            out[name] = random.choice(values)
    return out


def given(random, is_split):
    def one():
        text = random.choice(TEXTS)
        return text.split() if is_split else text
    def pair():
        return {"text": one()} | ({"text_pair": one()} if has_pair else {})
    has_pair = random.random() < 0.5
    return [pair() for _ in range(random.randint(1, 3))] if random.random() < 0.4 else pair()


def call(tokenizer, inputs, asked):
    if isinstance(inputs, list):
        inputs = {key: [one[key] for one in inputs] for key in inputs[0]}
    try:
        return dict(tokenizer(**inputs, **asked))
    except Exception as error:
        return {"error": str(error) or repr(error)}


def main():
    logging.disable()
    file, seed, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    families = {one["name"]: one for one in json.loads((FAMILIES / "families.json").read_text())["sets"]}
    rng = random.Random(seed)
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for name in SETS:
            for config in [{}, {"cls_token": "<s>", "sep_token": "</s>"}]:
                path = pathlib.Path(folder) / f"{name}{len(config)}"
                path.mkdir()
                tokenizer = load(families[name], config, path)
                for _ in range(count):
                    asked = parameters(rng)
                    inputs = given(rng, asked.get("is_split_into_words", False))
                    record = {"set": name, "config": config, "inputs": inputs, "parameters": asked}
                    lines.append(json.dumps(record | {"expected": call(tokenizer, inputs, asked)}, ensure_ascii=False))
    file.write_text("[\n" + ",\n".join(lines) + "\n]\n")


main()

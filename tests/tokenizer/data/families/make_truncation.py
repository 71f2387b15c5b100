# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Made truncation.json beside this file: what the classes that only Python has leave of texts and
# pairs that are too long, and what they call overflow. Usage: python3 make_truncation.py
import itertools
import json
import logging
import pathlib
import random
import shutil
import tempfile

import transformers

HERE = pathlib.Path(__file__).parent
SETS = ["MarianTokenizer", "marian target", "M2M100Tokenizer", "m2m100 target"]
TEXTS = [("the Tom", None), ("", None), ("Tom's house is (old).", None), ("the", "Tom the"), ("Tom", "Tom"),
         ("Hello, it's Tom.", "the"), ("the </s> Tom", "Hello, <unk> it's"), ("", "the Tom"), ("Tom the", "")]
STRATEGIES = ["longest_first", "only_first", "only_second"]
ROOMS = [0, 1, 2, 3, 4, 5, 7, 10, 14, 40]
STRIDES = [0, 1, 3, 50]
SHARE = 30  # of so many calls one is recorded


def load(one, folder):
    for to, name in one["files"].items():
        shutil.copy(HERE / name, folder / to)
    (folder / "tokenizer_config.json").write_text(json.dumps(one["config"]))
    return transformers.AutoTokenizer.from_pretrained(folder)


def call(tokenizer, texts, asked, **more):
    given = {"text_target": texts[0]} if asked["target"] else {"text": texts[0]}
    if texts[1] is not None:
        given["text_pair_target" if asked["target"] else "text_pair"] = texts[1]
    tokenizer.truncation_side = asked["side"]
    return tokenizer(**given, truncation=asked["strategy"], max_length=asked["max_length"], stride=asked["stride"],
                     add_special_tokens=asked["special"], return_attention_mask=False, **more)


def record(tokenizer, texts, asked):
    out = {"text": texts[0]} | ({} if texts[1] is None else {"pair": texts[1]})
    out |= {key: value for key, value in asked.items() if key != "target"}
    out["ids"] = call(tokenizer, texts, asked)["input_ids"]
    try:
        out["overflow"] = call(tokenizer, texts, asked, return_overflowing_tokens=True)["overflowing_tokens"]
    except ValueError as error:
        assert "Not possible to return overflowing tokens" in str(error)
        out["error"] = True
    return out


def main():
    logging.disable(logging.ERROR)
    families = json.loads((HERE / "families.json").read_text())
    by_name = {one["name"]: one for one in families["sets"]}
    random.seed(4)
    lines = []
    for name in SETS:
        with tempfile.TemporaryDirectory() as folder:
            tokenizer = load(by_name[name], pathlib.Path(folder))
        cases = []
        for texts, strategy, room, side, stride, special in itertools.product(
                TEXTS, STRATEGIES, ROOMS, ["right", "left"], STRIDES, [True, False]):
            if random.randrange(SHARE):
                continue
            asked = {"max_length": room, "strategy": strategy, "side": side, "stride": stride, "special": special,
                     "target": by_name[name].get("target", False)}
            cases.append(record(tokenizer, texts, asked))
        text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
        lines.append(f'{{"set": {json.dumps(name)}, "cases": [\n{text}]}}')
    (HERE / "truncation.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


main()

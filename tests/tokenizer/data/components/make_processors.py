# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Made post_processor/sequence-*.json: random Sequences of post-processors of which several add tokens, and what
# tokenizers 0.22.2 makes of texts, pairs and words with them. Usage: python3 make_processors.py FOLDER SEED COUNT
import json
import pathlib
import random
import sys

import tokenizers

SPECIAL = ["[CLS]", "[SEP]", "<s>", "</s>"]
BYTES = ["Ġ", "a", "b", "c", "d", ",", "Ċ", "Ã", "©"]
MERGES = ["Ġ a", "a b", "Ġ Ġ", "Ġa b", "b Ċ", "ĠĠ Ċ"]
TEXTS = ["a ab abc", "", " ab", "a  b \n c", "ab [SEP] d", "é,é  ", "abcd abcd abcd abcd", "  a", "b\n b\n"]


def model():
    tokens = SPECIAL + BYTES + [merge.replace(" ", "") for merge in MERGES]
    return {"type": "BPE", "vocab": {token: i for i, token in enumerate(tokens)}, "merges": MERGES}


def added(i, random):
    return {"id": i, "content": SPECIAL[i], "single_word": False, "lstrip": random.random() < 0.3,
            "rstrip": random.random() < 0.3, "normalized": False, "special": True}


def pieces(texts, random):
    out = []
    for text in random.choice([texts, texts, texts, texts[::-1], texts + texts[:1], texts[-1:], []]):
        out.append({"Sequence": {"id": text, "type_id": random.choice([0, 0, 1, 2])}})
    for _ in range(random.choice([0, 0, 1, 1, 2])):
        token = {"SpecialToken": {"id": random.choice(SPECIAL[:3]), "type_id": random.choice([0, 1, 3])}}
        out.insert(random.randint(0, len(out)), token)
    return out


def template(random):
    special = {token: {"id": token, "ids": [i], "tokens": [token]} for i, token in enumerate(SPECIAL)}
    special["<s>"] = {"id": "<s>", "ids": [2, 0], "tokens": ["<s>", "Ġodd"]}
    return {"type": "TemplateProcessing", "single": pieces(["A"], random), "pair": pieces(["A", "B"], random),
            "special_tokens": special}


def processor(random):
    kind = random.choice(["template", "template", "bert", "bert", "roberta", "roberta", "trims", "sequence"])
    flags = {"trim_offsets": random.random() < 0.7, "add_prefix_space": random.random() < 0.5}
    if kind == "template":
        return template(random)
    if kind == "bert":
        return {"type": "BertProcessing", "cls": ["[CLS]", 0], "sep": ["[SEP]", 1]}
    if kind == "roberta":
        return {"type": "RobertaProcessing", "cls": ["<s>", 2], "sep": ["</s>", 3], **flags}
    if kind == "trims":
        return {"type": "ByteLevel", "use_regex": True, **flags}
    return {"type": "Sequence", "processors": [processor(random) for _ in range(random.randint(0, 2))]}


def adders(one):
    return sum(map(adders, one["processors"])) if one["type"] == "Sequence" else one["type"] != "ByteLevel"


def several(random):
    while True:
        out = {"type": "Sequence", "processors": [processor(random) for _ in range(random.randint(1, 4))]}
        if adders(out) > 1 or random.random() < 0.1:
            return out


def file(random):
    truncation = padding = None
    if random.random() < 0.6:
        truncation = {"max_length": random.randint(3, 16), "stride": random.choice([0, 0, 1, 2]),
                      "strategy": random.choice(["LongestFirst", "LongestFirst", "OnlyFirst", "OnlySecond"]),
                      "direction": random.choice(["Right", "Left"])}
    if random.random() < 0.3:  # as a call of transformers could ask for it
        padding = {"strategy": "BatchLongest" if truncation else random.choice(["BatchLongest", {"Fixed": 14}]),
                   "direction": random.choice(["Left", "Right"]), "pad_id": 1, "pad_type_id": 0, "pad_token": "[SEP]",
                   "pad_to_multiple_of": None if truncation else random.choice([None, 8])}
    split = {"type": "ByteLevel", "add_prefix_space": random.random() < 0.5, "trim_offsets": True, "use_regex": True}
    return {"version": "1.0", "truncation": truncation, "padding": padding,
            "added_tokens": [added(i, random) for i in range(len(SPECIAL))], "normalizer": None, "pre_tokenizer": split,
            "post_processor": several(random), "decoder": None, "model": model()}


def window(encoding, padded):
    out = {"ids": encoding.ids, "tokens": encoding.tokens, "offsets": encoding.offsets, "word_ids": encoding.word_ids,
           "type_ids": encoding.type_ids, "special_tokens_mask": encoding.special_tokens_mask}
    return out | ({"attention_mask": encoding.attention_mask} if padded else {})


def record(tokenizer, padded, random):
    one = {"add_special_tokens": random.random() < 0.7}
    first = random.choice(TEXTS)
    second = random.choice([None, random.choice(TEXTS)])
    if random.random() < 0.3:
        one |= {"words": first.split(" "), "pair_words": None if second is None else second.split(" ")}
        given = one["words"], one["pair_words"]
    else:
        one |= {"text": first, "pair": second}
        given = first, second
    one = {key: value for key, value in one.items() if value is not None}
    try:
        found = tokenizer.encode(*given, is_pretokenized="words" in one, add_special_tokens=one["add_special_tokens"])
    except Exception as error:
        return one | {"error": str(error)}
    except BaseException as panic:  # PanicException is no Exception
        return one | {"panic": str(panic)}
    return one | window(found, padded) | {"overflowing": [window(more, padded) for more in found.overflowing]}


def main():
    folder, seed, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    made = 0
    for i in range(10 * count):
        rng = random.Random(seed * 100_000 + i)
        content = file(rng)
        name = f"sequence-{seed}-{i}"
        try:
            tokenizer = tokenizers.Tokenizer.from_str(json.dumps(content))
            if tokenizer.truncation:  # what is in a file is not checked, what transformers asks for is
                tokenizer.enable_truncation(**tokenizer.truncation)
        except BaseException:
            continue
        cases = [record(tokenizer, content["padding"] is not None, rng) for _ in range(12)]
        if all("panic" in case for case in cases):
            continue
        (folder / f"{name}.tokenizer.json").write_text(json.dumps(content, ensure_ascii=False) + "\n")
        lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
        head = f'{{"schema": "component-1", "group": "post_processor", "name": "{name}", "cases": [\n'
        (folder / f"{name}.cases.json").write_text(head + lines + "\n]}\n")
        made += 1
        if made == count:
            break


main()

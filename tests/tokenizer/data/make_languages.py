# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Made language_cases.json beside this file: what tokenizers of transformers 4.57.6 that know languages return for each.
# Usage: python3 make_languages.py FILE
import json
import pathlib
import sys

import transformers

GOLDEN = pathlib.Path(__file__).parent.parent.parent / "golden"
FOLDERS = {"mbart-translation-25": ["en_XX", "de_DE", "ru_RU", "ro_RO"],
           "mbart-translation-50": ["en_XX", "fr_XX", "sl_SI"],
           "m2m_100-translation": ["en", "de", "zu", "ast"],
           "m2m_100-translation-nllb": ["eng_Latn", "rus_Cyrl", "zul_Latn"]}
TEXT = "the house of Tom"
PAIR = "is small"

cases = []
for folder, languages in FOLDERS.items():
    tokenizer = transformers.AutoTokenizer.from_pretrained(GOLDEN / folder)
    for language in languages:
        tokenizer.src_lang = language
        tokenizer.tgt_lang = language
        inputs = tokenizer._build_translation_inputs(TEXT, src_lang=language, tgt_lang=language, return_tensors=None) \
            if "m2m" not in folder or "nllb" in folder else \
            tokenizer._build_translation_inputs(TEXT, src_lang=language, tgt_lang=language)
        cases.append({"folder": folder, "language": language, "id": inputs["forced_bos_token_id"],
                      "text": TEXT, "ids": inputs["input_ids"],
                      "cut": tokenizer(TEXT, truncation=True, max_length=5)["input_ids"],
                      "pair": PAIR, "pair_ids": tokenizer(TEXT, PAIR)["input_ids"],
                      "target_ids": tokenizer(text_target=TEXT)["input_ids"]})
lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in cases)
pathlib.Path(sys.argv[1]).write_text(f"[\n{lines}\n]\n")

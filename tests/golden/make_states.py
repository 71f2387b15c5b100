# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Records what generate() hands out on request: states.safetensors of the folders below, whose
# models it takes as they are. Run by hand, never by a test; the files were made with transformers
# 4.57.6 and torch 2.8.0 on a CPU:
#
#     python tests/golden/make_states.py
#
# README.md says what the names mean.
import json
import pathlib

import torch
import transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
transformers.logging.set_verbosity_error()
# By case the arguments of generate(), and the prompt's tokens.
STATES = {"greedy": ({"num_beams": 1, "max_new_tokens": 3}, 6),
          "beams": ({"num_beams": 2, "max_new_tokens": 3}, 4)}
FOLDERS = ["llama-text-generation", "bart-summarization", "t5-text2text-generation"]
# A text that is longer than the window of some layers.
WINDOWS = {"window": ({"num_beams": 1, "max_new_tokens": 4, "min_new_tokens": 4}, 11)}
WINDOW_FOLDERS = ["gemma2-text-generation", "mistral-text-generation"]
# A text that grows beyond the positions of training (40) while it is made.
LONG = {"phi3-text-generation-longrope": {
    "long": ({"num_beams": 1, "max_new_tokens": 12, "min_new_tokens": 12}, 34),
    "long-beams": ({"num_beams": 3, "max_new_tokens": 12, "min_new_tokens": 12}, 34),
    "longer": ({"num_beams": 1, "max_new_tokens": 4, "min_new_tokens": 4}, 45)}}
OUTPUTS = ["hidden_states", "attentions", "decoder_hidden_states", "decoder_attentions",
           "cross_attentions"]


def load(folder, how, **changes):
    config = transformers.AutoConfig.from_pretrained(HERE / folder)
    auto = (transformers.AutoModelForSeq2SeqLM if config.is_encoder_decoder
            else transformers.AutoModelForCausalLM)
    return auto.from_pretrained(HERE / folder, attn_implementation=how, dtype=torch.float32,
                                **changes).eval()


def record(model, case, arguments, tokens, states):
    generator = torch.Generator().manual_seed(tokens)
    ids = torch.randint(10, model.config.vocab_size - 20, (1, tokens), generator=generator)
    with torch.no_grad():
        out = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False,
                             return_dict_in_generate=True, output_hidden_states=states,
                             output_attentions=states, **arguments)
    found = {"input_ids": ids, "sequences": out.sequences}
    for name in ["encoder_hidden_states", "encoder_attentions"] if states else []:
        for layer, tensor in enumerate(out.get(name) or ()):
            found[f"{name}.{layer}"] = tensor[0]
    for name in OUTPUTS if states else []:
        for step, layers in enumerate(out.get(name) or ()):
            for layer, tensor in enumerate(layers):
                found[f"{name}.{step}.{layer}"] = tensor
    return {f"{case}.{name}": tensor.contiguous().clone() for name, tensor in found.items()}


def make(folder, cases, how, states, **changes):
    model = load(folder, how, **changes)
    tensors = {}
    for case, (arguments, tokens) in cases.items():
        tensors |= record(model, case, arguments, tokens, states)
    metadata = {case: json.dumps(arguments) for case, (arguments, _) in cases.items()}
    save_file(tensors, HERE / folder / "states.safetensors", metadata=metadata)
    print(folder, len(tensors))


for each in FOLDERS:
    make(each, STATES, "eager", True)
for each in WINDOW_FOLDERS:
    make(each, WINDOWS, "eager", True)
# The reference makes the mask of the step that reads a text anew for one query: tokens see those
# behind them, with sdpa only where a window counts. Here they never do, so no window is recorded.
for each, cases in LONG.items():
    make(each, cases, "sdpa", False, sliding_window=None)

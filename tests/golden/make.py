# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Makes golden folders that record tensors only: a tiny model with random weights, and what
# transformers computes with it. Run by hand, never by a test; the files were made with
# transformers 4.57.6 and torch 2.8.0 on a CPU:
#
#     python tests/golden/make.py FOLDER...       # "all" makes every folder anew
#
# A folder says in its make.json what it is: "class", a class of transformers; "settings", of its
# config; "forwards", what is recorded. It may name modules that get weights "apart", where the class
# starts with shared ones, say that left padding comes with the "positions" that generate() makes,
# and name a folder whose "tokenizer" it takes with the "cases" that a pipeline
# answers, or sentence-transformers 5.7 where it has a "dense" module of so many values. Seeds come from the folder's name, so that each can be made
# anew alone, and comes out the same. The form of all other files is described in README.md.
#
# Models whose Python code is not part of transformers have a "class" with its module, and need the
# code as packages on PYTHONPATH: `nomic`, the folder src/contrastors/models/huggingface of
# nomic-ai/contrastors (commit 613ddfd, needs einops), and `gte`, the configuration.py and
# modeling.py of Alibaba-NLP/new-impl (as in sparsecl/gte of xuhaike/SparseCL, commit 14fcd8b).
# "saved_class" and "saved_config" are names that the folder has in their place.
import importlib
import json
import pathlib
import shutil
import sys
import zlib

import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from transformers.activations import ACT2CLS, ACT2FN, XIELUActivation

HERE = pathlib.Path(__file__).parent
# Inputs of the forwards: lengths of the rows, and what is done with them.
LENGTHS = {"single": [8], "right": [8, 5, 3], "left": [8, 5, 3], "pair": [11], "holes": [12, 9],
           "pads": [10, 7], "ends": [9, 6], "long": [70], "longer": [300]}


def random_weights(model, seed):
    """Larger than those of an untrained model, so that no part of it is too small to be seen;
    float16 keeps them exactly."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:  # positions that are computed
            continue
        scale = 0.2 if parameter.ndim > 1 else 0.1
        values = scale * torch.randn(parameter.shape, generator=generator)
        is_gain = name.endswith("weight") and parameter.ndim == 1
        parameter.data = (values + is_gain).half().float()
    for name, buffer in model.named_buffers():
        if name == "final_logits_bias":
            buffer.data = torch.randn(buffer.shape, generator=generator).half().float()
    for module in model.modules():
        if isinstance(module, XIELUActivation):
            module.beta.data = 0.5 + 0.1 * torch.randn((), generator=generator)
            module.eps.data = torch.tensor(-0.125)


def as_loaded(model):
    """xIELU has bfloat16 of its own, whatever a model is loaded in."""
    for module in model.modules():
        if isinstance(module, XIELUActivation):
            module.bfloat16()
    return model


def inputs_of(forward, config, seed):
    generator = torch.Generator().manual_seed(zlib.crc32(forward.encode()) + seed)
    lengths = LENGTHS[forward]
    shape = (len(lengths), max(lengths))
    ids = torch.randint(5, config.vocab_size, shape, generator=generator)
    mask = torch.tensor([[int(i < n) for i in range(shape[1])] for n in lengths])
    types = torch.zeros(shape, dtype=torch.int64)
    for row, length in enumerate(lengths):
        ids[row, length - 1] = 2  # of BART the end token, on which a classifier stands
        if forward == "pads":
            ids[row, 2] = ids[row, 5] = config.pad_token_id
        if forward == "ends":
            ids[row, 1] = ids[row, 3] = 2
        if forward == "holes":
            mask[row, 2:5] = mask[row, length - 3] = 0
        if forward == "pair":
            ids[row, 5] = 2
            types[row, 6:] = 1
    ids[mask == 0] = (config.pad_token_id or 0) if forward != "holes" else 7
    if forward == "left":
        ids, mask = ids.flip(1), mask.flip(1)
    inputs = {"input_ids": ids, "attention_mask": mask}
    if getattr(config, "type_vocab_size", 0) and forward in ("single", "right", "left", "pair"):
        inputs["token_type_ids"] = types if config.type_vocab_size > 1 else 0 * types
    if config.model_type == "marian":  # its decoder reads nothing by itself
        shape = (len(lengths), (max(lengths) + 1) // 2)
        inputs["decoder_input_ids"] = torch.randint(5, config.vocab_size, shape,
                                                    generator=generator)
    return inputs


def call(model, inputs):
    """A class of NomicBERT gives no hidden states of its own."""
    if type(model).__name__.endswith("MultipleChoice"):
        found = model(**{name: value[None] for name, value in inputs.items()},
                      output_hidden_states=True, return_dict=True)
        found["logits"] = found["logits"].reshape(-1, 1)  # a choice is a row of its own here
        return found
    if model.config.model_type != "nomic_bert":
        return model(**inputs, output_hidden_states=True, return_dict=True)
    states = []
    base = getattr(model, "bert", model)
    hooks = [module.register_forward_hook(
        lambda _, __, out: states.append(out[0] if isinstance(out, tuple) else out))
        for module in (base.emb_ln, *base.encoder.layers)]
    found = model(**inputs)
    for hook in hooks:
        hook.remove()
    found["hidden_states"] = tuple(states)
    return found


HEADS = ["prediction_logits", "seq_relationship_logits", "sop_logits"]


def outputs_of(model, forward, inputs):
    """What is recorded of one forward, by the names of transformers."""
    wanted = ["logits", "start_logits", "end_logits", "pooler_output"]
    if forward not in ("single", "right"):
        wanted += ["last_hidden_state", "encoder_last_hidden_state"]
    stacks = ["hidden_states", "encoder_hidden_states", "decoder_hidden_states"]
    with torch.no_grad():
        found = call(model, inputs)
    out = {name: found[name] for name in wanted if found.get(name) is not None}
    if forward not in ("single", "right"):
        return out
    if forward == "single" and found.get("last_hidden_state") is not None:
        out["last_hidden_state"] = found["last_hidden_state"]
    for stack in stacks:
        for i, states in enumerate(found.get(stack) or ()):
            out[f"{stack}.{i}"] = states
    return out


def record_activations(folder, model, seed):
    """One model with every activation that has no learned parameters: a forward is an activation.
    The first layer of the feed-forward is larger, to reach where some activations are cut off."""
    tensors, difference = {}, 0.0
    names = [name for name in ACT2CLS if name not in ("prelu", "xielu")]
    for layer in model.encoder.layer:
        layer.intermediate.dense.weight.data *= 4
    inputs = inputs_of("single", model.config, seed)
    for name in names:
        for layer in model.encoder.layer:
            layer.intermediate.intermediate_act_fn = ACT2FN[name]
        found = outputs_of(model.float(), "activation", inputs)["last_hidden_state"]
        exact = outputs_of(model.double(), "activation", inputs)["last_hidden_state"]
        difference = max(difference, relative_difference(found, exact))
        tensors |= {f"{name}.{key}": value.clone() for key, value in inputs.items()}
        tensors[f"{name}.last_hidden_state"] = found
    for layer in model.encoder.layer:
        layer.intermediate.intermediate_act_fn = ACT2FN[model.config.hidden_act]
    save(tensors, folder / "activations.safetensors",
         {"model_class": type(model).__name__, "forwards": ",".join(names),
          "float64_difference": f"{difference:.1e}"})


def record_heads(folder, model, seed):
    """What the two heads of a class for pre-training make of a pair."""
    inputs = inputs_of("pair", model.config, seed)
    with torch.no_grad():
        found, exact = model.float()(**inputs), model.double()(**inputs)
    outputs = {name: found[name] for name in HEADS if found.get(name) is not None}
    difference = max(relative_difference(outputs[name], exact[name]) for name in outputs)
    tensors = {f"pair.{name}": value.clone() for name, value in (inputs | outputs).items()}
    save(tensors, folder / "heads.safetensors",
         {"model_class": type(model).__name__, "forwards": "pair",
          "float64_difference": f"{difference:.1e}"})


def relative_difference(found, exact):
    return ((found.double() - exact).abs() / exact.abs().clamp(min=1)).max().item()


def save(tensors, file, metadata):
    """With a sorted header: safetensors writes metadata in an order of chance."""
    save_file(tensors, file, metadata)
    data = file.read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.dumps(json.loads(data[8:end]), separators=(",", ":"), sort_keys=True)
    header += " " * (-len(header) % 8)
    file.write_bytes(len(header).to_bytes(8, "little") + header.encode() + data[end:])


def record(folder, model, forwards, seed, positions=False):
    """Writes tensors.safetensors of a model whose weights are set."""
    tensors, difference = {}, 0.0
    for forward in forwards:
        inputs = inputs_of(forward, model.config, seed)
        if positions and forward == "left":
            mask = inputs["attention_mask"]
            inputs["position_ids"] = (mask.cumsum(-1) - 1).masked_fill(mask == 0, 1)
        found = outputs_of(as_loaded(model.float()), forward, inputs)
        exact = outputs_of(as_loaded(model.double()), forward, inputs)
        kept = inputs["attention_mask"].bool()
        for name, value in found.items():
            rows = kept if value.shape[:2] == kept.shape else slice(None)
            difference = max(difference, relative_difference(value[rows], exact[name][rows]))
        tensors |= {f"{forward}.{name}": value for name, value in (inputs | found).items()}
    tensors = {name: value.contiguous().clone() for name, value in tensors.items()}
    save(tensors, folder / "tensors.safetensors",
         {"model_class": type(model).__name__, "forwards": ",".join(forwards),
          "float64_difference": f"{difference:.1e}"})


def new_model(recipe):
    """Of a class of transformers, or of `package.module.Class`, perhaps under another name."""
    class_name, settings = recipe["class"], recipe["settings"]
    if "." not in class_name:
        model_class = getattr(transformers, class_name)
        config = model_class.config_class(**settings)
        # Weights come later; StableLM fails to set those of a norm without bias.
        with transformers.modeling_utils.no_init_weights():
            model = model_class._from_config(config, attn_implementation="eager").eval()
        model.tie_weights()
        return model
    module, class_name = class_name.rsplit(".", 1)
    model_class = getattr(importlib.import_module(module), class_name)
    config_module = importlib.import_module(module.replace("modeling", "configuration"))
    config_name = "NewConfig" if class_name.startswith("New") else "NomicBertConfig"
    config = getattr(config_module, config_name)(**settings)
    config._attn_implementation = "eager"
    if "saved_class" in recipe:
        model_class = type(recipe["saved_class"], (model_class,), {})
    return model_class(config).eval()


def record_cases(folder, recipe):
    """Writes cases.json: what pipelines say, floats as the shortest that read back to a float32."""
    cases = []
    if "tokenizer" in recipe:
        for pattern in ("tokenizer*.json", "special_tokens_map.json", "vocab.json", "merges.txt"):
            for file in (HERE / recipe["tokenizer"]).glob(pattern):
                shutil.copyfile(file, folder / file.name)
    if "dense" in recipe:
        save_modules(folder, recipe["dense"])
    for case in recipe.get("cases", []):
        if "dense" in recipe:
            model = SentenceTransformer(str(folder), device="cpu").float()
            expected = model.encode(case["inputs"]["texts"], **case["parameters"]).tolist()
        else:
            pipeline = transformers.pipeline(case["task"], model=str(folder), dtype=torch.float32)
            expected = pipeline(case["inputs"], **case["parameters"])
        cases.append(json.dumps(case | {"expected": shortest(expected)}))
    (folder / "cases.json").write_text("[\n" + ",\n".join(cases) + "\n]\n" if cases else "[]\n")


def save_modules(folder, values):
    """Makes a folder of sentence-transformers of it, as those of sentence-t5 are."""
    transformer = modules.Transformer(str(folder), max_seq_length=48)
    width = transformer.get_embedding_dimension()
    dense = modules.Dense(width, values, bias=False, activation_function=torch.nn.Identity())
    random_weights(dense, zlib.crc32(folder.name.encode()) + 1)
    for module, name in [(modules.Pooling(width), "1_Pooling"), (dense, "2_Dense")]:
        (folder / name).mkdir(exist_ok=True)
        module.save(str(folder / name))
    names = ["Transformer", "Pooling", "Dense", "Normalize"]
    paths = ["", "1_Pooling", "2_Dense", "3_Normalize"]
    listed = [{"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{name}"}
              for i, (name, path) in enumerate(zip(names, paths))]
    (folder / "modules.json").write_text(json.dumps(listed, indent=2) + "\n")
    (folder / "sentence_bert_config.json").write_text(
        json.dumps({"max_seq_length": 48, "do_lower_case": False}, indent=2) + "\n")


def shortest(value):
    if isinstance(value, float):
        return float(str(np.float32(value)))
    if isinstance(value, dict):
        return {key: shortest(member) for key, member in value.items()}
    return [shortest(element) for element in value] if isinstance(value, list) else value


def make(folder):
    recipe = json.loads((folder / "make.json").read_text())
    seed = zlib.crc32(folder.name.encode())
    model = new_model(recipe)
    for module in recipe.get("apart", []):
        model.get_submodule(module).weight = torch.nn.Parameter(
            model.get_submodule(module).weight.clone())
    random_weights(model, seed)
    if folder.name.endswith("-activations"):
        record_activations(folder, model, seed)
    if folder.name.endswith("-pretraining"):
        record_heads(folder, model, seed)
    record(folder, model, recipe["forwards"], seed, recipe.get("positions", False))
    as_loaded(model.half()).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    config = json.loads((folder / "config.json").read_text()) | recipe.get("saved_config", {})
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    record_cases(folder, recipe)
    print(f"{folder.name}: {sum(file.stat().st_size for file in folder.iterdir()) // 1024} KB")


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1:] == ["all"]:
        folders = sorted(file.parent for file in HERE.glob("*/make.json"))
    else:
        folders = [HERE / name for name in sys.argv[1:]]
    for each in folders:
        make(each)

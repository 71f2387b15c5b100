# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
"""Models, and what each rival reads instead of them.

A place holds all of one model: "folder", as save_pretrained() writes it, and the exports beside it.
Usage: exports.py PLACE NAME... makes what is not there. Every call is a process of its own: what one
library leaves behind does not reach another.
"""

import json
import os
import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What differs from the defaults of transformers.
RANDOM = {
    "bert-base": {},
    "minilm-l6": {
        "hidden_size": 384,
        "num_hidden_layers": 6,
        "num_attention_heads": 12,
        "intermediate_size": 1536,
    },
    "distilbert": {},
}


def make_random(place, out):
    """Random weights, and the tokenizer of the bundled models."""
    import torch
    import transformers

    torch.manual_seed(0)
    if place.name == "distilbert":
        model = transformers.DistilBertModel(transformers.DistilBertConfig())
    else:
        model = transformers.BertModel(transformers.BertConfig(**RANDOM[place.name]))
    model.eval().save_pretrained(out)
    for file in ("vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(ROOT / "examples/models/embeddings" / file, out)


def make_folder(place, out):
    """Random weights for a known name; else a copy in float32 of what the place calls "source",
    because the rivals do not read weights of compressed-tensors."""
    if place.name in RANDOM:
        make_random(place, out)
        return
    shutil.copytree(place / "source", out)
    config = json.loads((out / "config.json").read_text())
    if config.pop("quantization_config", None) is None:
        return
    from safetensors.torch import load_file, save_file

    (out / "config.json").write_text(json.dumps(config, indent=2))
    stored = load_file(out / "model.safetensors")
    plain = {name: tensor.float() for name, tensor in stored.items() if not name.endswith("_scale")}
    for name in plain:
        if name + "_scale" in stored:
            plain[name] *= stored[name + "_scale"].float()
    save_file(plain, out / "model.safetensors", metadata={"format": "pt"})


def config_of(place):
    return json.loads((made(place, "folder") / "config.json").read_text())


def torch_model(place, attention):
    """(module that returns the last hidden states, example inputs by name)."""
    import inspect

    import torch
    import transformers

    model = transformers.AutoModel.from_pretrained(
        made(place, "folder"), attn_implementation=attention).eval()
    ids = torch.full((2, 8), 2000, dtype=torch.long)
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if "token_type_ids" in inspect.signature(model.forward).parameters:
        inputs["token_type_ids"] = torch.zeros_like(ids)

    class LastHiddenState(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, *values):
            return self.model(**dict(zip(inputs, values)))[0]

    return LastHiddenState(), inputs


def export_onnx(place, out):
    """As it is exported: the session's own optimisation comes on top."""
    import torch

    module, inputs = torch_model(place, "eager")
    axes = {name: {0: "n", 1: "s"} for name in (*inputs, "last_hidden_state")}
    torch.onnx.export(module, tuple(inputs.values()), out, input_names=list(inputs),
                      output_names=["last_hidden_state"], dynamic_axes=axes, opset_version=17,
                      dynamo=False)


def export_onnx_fused(place, out):
    """With the fusions that onnxruntime documents for transformers."""
    from onnxruntime.transformers import optimizer

    config = config_of(place)
    model = optimizer.optimize_model(
        str(made(place, "model.onnx")), model_type="bert",
        num_heads=config.get("num_attention_heads", config.get("n_heads")),
        hidden_size=config.get("hidden_size", config.get("dim")))
    fused = {name: count for name, count in model.get_fused_operator_statistics().items() if count}
    print(f"onnxruntime fused {fused}", file=sys.stderr)
    model.save_model_to_file(str(out))


def export_onnx_int8(place, out):
    """Dynamic quantisation, a scale per channel of the weights."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(str(made(place, "fused.onnx")), str(out), per_channel=True,
                     weight_type=QuantType.QInt8,
                     extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})


def save_openvino(model, out):
    import openvino

    out.mkdir()
    openvino.save_model(model, out / "model.xml", compress_to_fp16=False)


def export_openvino(place, out):
    import openvino

    module, inputs = torch_model(place, "sdpa")
    model = openvino.convert_model(module, example_input=tuple(inputs.values()))
    for node, name in zip(model.inputs, inputs, strict=True):  # conversion may lose the names
        node.get_tensor().set_names({name})
    save_openvino(model, out)


def export_openvino_int8(place, out):
    """Weights and activations, calibrated on 32 batches of ids that no round has."""
    import nncf
    import numpy as np
    import openvino

    from shapes import token_ids

    model = openvino.Core().read_model(made(place, "openvino") / "model.xml")
    vocabulary = config_of(place)["vocab_size"]
    names = [node.any_name for node in model.inputs]

    def sample(number):
        ids, mask = token_ids([64] * 2, 100_000 + number, vocabulary)
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return {name: known[name] for name in names}

    data = nncf.Dataset([sample(number) for number in range(32)])
    save_openvino(nncf.quantize(model, data, model_type=nncf.ModelType.TRANSFORMER,
                                subset_size=32), out)


def export_ctranslate2(place, out, quantization=None):
    from ctranslate2.converters import TransformersConverter

    TransformersConverter(str(made(place, "folder"))).convert(str(out), quantization=quantization)


EXPORTS = {
    "folder": make_folder,
    "model.onnx": export_onnx,
    "fused.onnx": export_onnx_fused,
    "int8.onnx": export_onnx_int8,
    "openvino": export_openvino,
    "openvino-int8": export_openvino_int8,
    "ctranslate2": export_ctranslate2,
    "ctranslate2-int8": lambda place, out: export_ctranslate2(place, out, "int8"),
}


def made(place, name):
    """The export of that name; made when it is not there, whole or not at all."""
    out = place / name
    if not out.exists():
        part = place / f"part-{os.getpid()}-{name}"
        EXPORTS[name](place, part)
        part.rename(out)
    return out


if __name__ == "__main__":
    for wanted in sys.argv[2:]:
        made(pathlib.Path(sys.argv[1]), wanted)

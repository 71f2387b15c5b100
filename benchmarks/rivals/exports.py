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

# Classes of transformers, and what differs from the defaults of their configs.
RANDOM = {
    "bert-base": ("BertModel", {}),
    "minilm-l6": ("BertModel", {
        "hidden_size": 384,
        "num_hidden_layers": 6,
        "num_attention_heads": 12,
        "intermediate_size": 1536,
    }),
    "distilbert": ("DistilBertModel", {}),
    "gpt2": ("GPT2LMHeadModel", {}),
    "llama-1b": ("LlamaForCausalLM", {
        "hidden_size": 2048,
        "num_hidden_layers": 22,
        "num_attention_heads": 32,
        "num_key_value_heads": 4,
        "intermediate_size": 5632,
        "dtype": "bfloat16",
    }),
    "t5-small": ("T5ForConditionalGeneration", {"decoder_start_token_id": 0}),
    "bart-base": ("BartForConditionalGeneration", {
        "d_model": 768,
        "encoder_layers": 6,
        "decoder_layers": 6,
        "encoder_attention_heads": 12,
        "decoder_attention_heads": 12,
        "encoder_ffn_dim": 3072,
        "decoder_ffn_dim": 3072,
        "normalize_before": False,  # as in files of the Hub: CTranslate2 asks for it
    }),
}


def make_random(place, out):
    """Random weights, and a tokenizer: that of the bundled models, or of words t0, t1 ..."""
    import torch
    import transformers

    torch.manual_seed(0)
    name, changes = RANDOM[place.name]
    kind = getattr(transformers, name)
    model = kind(kind.config_class(**changes)).eval()
    model.to(getattr(torch, changes.get("dtype", "float32"))).save_pretrained(out)
    if model.can_generate():
        save_word_tokenizer(model.config, out)
        return
    for file in ("vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(ROOT / "examples/models/embeddings" / file, out)


def save_word_tokenizer(config, out):
    """CTranslate2 takes tokens for ids."""
    import tokenizers
    import transformers

    words = {f"t{id}": id for id in range(config.vocab_size)}
    ids = {"bos_token": config.bos_token_id, "eos_token": config.eos_token_id,
           "pad_token": config.pad_token_id, "unk_token": config.vocab_size - 1}
    model = tokenizers.models.WordLevel(words, unk_token=f"t{config.vocab_size - 1}")
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizers.Tokenizer(model),
        **{name: f"t{id}" for name, id in ids.items() if id is not None}).save_pretrained(out)


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


# What GGUF calls the sizes of a model, and its tensors, by model_type.
GGUF_TYPES = {
    "gpt2": {
        "sizes": {
            "context_length": "n_positions", "embedding_length": "n_embd",
            "block_count": "n_layer", "attention.head_count": "n_head",
            "attention.layer_norm_epsilon": "layer_norm_epsilon",
        },
        "tensors": {
            "wte": "token_embd", "wpe": "position_embd", "ln_f": "output_norm", "h": "blk",
            "ln_1": "attn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output",
            "ln_2": "ffn_norm", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
        },
    },
    "llama": {
        "sizes": {
            "context_length": "max_position_embeddings", "embedding_length": "hidden_size",
            "block_count": "num_hidden_layers", "feed_forward_length": "intermediate_size",
            "attention.head_count": "num_attention_heads",
            "attention.head_count_kv": "num_key_value_heads",
            "attention.layer_norm_rms_epsilon": "rms_norm_eps", "rope.freq_base": "rope_theta",
        },
        "tensors": {
            "embed_tokens": "token_embd", "norm": "output_norm", "lm_head": "output",
            "layers": "blk", "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q",
            "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
            "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
            "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
        },
    },
}


def gguf_tensor(name, tensor, config):
    """As convert_hf_to_gguf.py of llama.cpp writes it: (name, values)."""
    names = GGUF_TYPES[config["model_type"]]["tensors"]
    first, *inner, kind = name.removeprefix("transformer.").removeprefix("model.").split(".")
    parts = [names[first]]
    if inner:
        parts += [inner[0], names[".".join(inner[1:])]]
    values = tensor.float().numpy()
    if name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
        values = values.T
    heads = {"q_proj": "num_attention_heads", "k_proj": "num_key_value_heads"}
    if inner and inner[-1] in heads:  # its rotation turns neighbours, that of transformers halves
        count = config[heads[inner[-1]]]
        values = values.reshape(count, 2, -1, values.shape[1]).swapaxes(1, 2)
        values = values.reshape(-1, values.shape[-1])
    return ".".join([*parts, kind]), values


def export_gguf(place, out):
    """F32, with ids for tokens: a vocabulary that only has a size."""
    import gguf
    import numpy as np
    from safetensors import safe_open

    config = config_of(place)
    kind = config["model_type"]
    writer = gguf.GGUFWriter(out, kind, use_temp_file=False)
    for key, ours in GGUF_TYPES[kind]["sizes"].items():
        value = config[ours]
        write = writer.add_float32 if isinstance(value, float) else writer.add_uint32
        write(f"{kind}.{key}", value)
    if kind == "gpt2":
        writer.add_feed_forward_length(4 * config["n_embd"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("no_vocab")
    with safe_open(made(place, "folder") / "model.safetensors", "pt") as file:
        for name in file.keys():
            name, values = gguf_tensor(name, file.get_tensor(name), config)
            writer.add_tensor(name, np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def export_gguf_packed(place, out, kind):
    """As llama-quantize --pure: all matrices in that type."""
    import llama_cpp

    options = llama_cpp.llama_model_quantize_default_params()
    options.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{kind}")
    options.pure = True
    source = made(place, "f32.gguf")
    if llama_cpp.llama_model_quantize(bytes(source), bytes(out), options) != 0:
        raise RuntimeError(f"{source} cannot be quantized")


EXPORTS = {
    "folder": make_folder,
    "model.onnx": export_onnx,
    "fused.onnx": export_onnx_fused,
    "int8.onnx": export_onnx_int8,
    "openvino": export_openvino,
    "openvino-int8": export_openvino_int8,
    "ctranslate2": export_ctranslate2,
    "ctranslate2-int8": lambda place, out: export_ctranslate2(place, out, "int8"),
    "f32.gguf": export_gguf,
    "bf16.gguf": lambda place, out: export_gguf_packed(place, out, "BF16"),
    "q8_0.gguf": lambda place, out: export_gguf_packed(place, out, "Q8_0"),
    "q4_0.gguf": lambda place, out: export_gguf_packed(place, out, "Q4_0"),
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

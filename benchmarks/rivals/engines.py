# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
"""The rivals, each with the settings that its documentation gives for latency on a CPU.

An engine is made from a place (exports.py), a type and a number of threads; what is imported, is
imported before its load is timed. prepare() is not timed, call() is.
"""

import contextlib

import numpy as np

from shapes import texts_of, token_ids


class Engine:
    """exports: the files that it needs, by type. A type that is missing is not offered here."""

    exports = {}
    texts = False  # shapes of texts, or shapes of token ids

    def __init__(self, dtype, threads):
        self.dtype = dtype
        self.threads = threads

    def around(self):
        """What calls run inside of."""
        return contextlib.nullcontext()


class TokenEngine(Engine):
    def __init__(self, dtype, threads):
        super().__init__(dtype, threads)
        self.lengths = []

    def inputs(self, lengths, number, vocabulary):
        self.lengths = lengths
        ids, mask = token_ids(lengths, number, vocabulary)
        return self.prepare(ids, mask)

    def outputs(self, result):
        """(sum of all outputs, mean of row 0's last hidden states)."""
        states = np.asarray(self.states(result), dtype=np.float64)
        kept = np.concatenate([row[:length] for row, length in zip(states, self.lengths)])
        return kept.sum(), kept[: self.lengths[0]].mean(axis=0)

    def states(self, result):
        return result


class OnnxRuntime(TokenEngine):
    """The fusions of onnxruntime.transformers; int8 is dynamic, with a scale per channel."""

    exports = {"f32": "fused.onnx", "int8": "int8.onnx"}

    def __init__(self, dtype, threads):
        super().__init__(dtype, threads)
        import onnxruntime

        self.version = onnxruntime.__version__
        self.library = onnxruntime

    def load(self, path):
        options = self.library.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = self.library.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.session = self.library.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"])
        self.names = [node.name for node in self.session.get_inputs()]

    def prepare(self, ids, mask):
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return {name: known[name] for name in self.names}

    def call(self, inputs):
        return self.session.run(None, inputs)[0]


class OnnxRuntimeAsExported(OnnxRuntime):
    """Without those fusions: some versions are faster so."""

    exports = {"f32": "model.onnx"}


class OpenVino(TokenEngine):
    """Converted from torch; int8 is static, by nncf, and what is left of it in float is bf16 where
    the CPU has that, as by default."""

    exports = {"f32": "openvino", "bf16": "openvino", "int8": "openvino-int8"}

    def __init__(self, dtype, threads):
        super().__init__(dtype, threads)
        import openvino

        self.version = openvino.__version__.split("-")[0]
        self.library = openvino

    def load(self, path):
        settings = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1,
                    "INFERENCE_NUM_THREADS": self.threads}
        if self.dtype != "int8":
            settings["INFERENCE_PRECISION_HINT"] = self.dtype
        core = self.library.Core()
        compiled = core.compile_model(core.read_model(path / "model.xml"), "CPU", settings)
        self.request = compiled.create_infer_request()
        self.names = [node.any_name for node in compiled.inputs]

    def prepare(self, ids, mask):
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return {name: known[name] for name in self.names}

    def call(self, inputs):
        return self.request.infer(inputs, share_inputs=True, share_outputs=True)[0]


class Torch(TokenEngine):
    """AutoModel with scaled_dot_product_attention, in inference mode."""

    exports = {"f32": "folder", "bf16": "folder"}

    def __init__(self, dtype, threads):
        super().__init__(dtype, threads)
        import torch
        import transformers

        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)
        self.version = torch.__version__.split("+")[0]
        self.library = torch
        self.model_class = transformers.AutoModel

    def load(self, path):
        dtype = {"f32": self.library.float32, "bf16": self.library.bfloat16}[self.dtype]
        self.model = self.model_class.from_pretrained(
            path, dtype=dtype, attn_implementation="sdpa").eval()

    def prepare(self, ids, mask):
        return {"input_ids": self.library.from_numpy(ids),
                "attention_mask": self.library.from_numpy(mask)}

    def call(self, inputs):
        return self.model(**inputs).last_hidden_state

    def states(self, result):
        return result.float().numpy()

    def around(self):
        return self.library.inference_mode()


class TorchCompiled(Torch):
    """torch.compile with frozen weights, for every shape anew: its first call takes long."""

    exports = {"f32": "folder", "bf16": "folder"}

    def load(self, path):
        import torch._inductor.config

        torch._inductor.config.freezing = True
        super().load(path)
        self.model = self.library.compile(self.model, dynamic=False)


class CTranslate2(TokenEngine):
    """As its converter writes it. It drops padding, as attend does."""

    exports = {"f32": "ctranslate2", "int8": "ctranslate2-int8"}

    def __init__(self, dtype, threads):
        super().__init__(dtype, threads)
        import ctranslate2

        self.version = ctranslate2.__version__
        self.library = ctranslate2

    def load(self, path):
        compute = {"f32": "float32", "int8": "int8"}[self.dtype]
        self.encoder = self.library.Encoder(
            str(path), device="cpu", compute_type=compute, inter_threads=1,
            intra_threads=self.threads)

    def prepare(self, ids, mask):
        view = self.library.StorageView.from_array
        # Kept with the inputs: a view has no memory of its own.
        arrays = ids.astype(np.int32), mask.sum(axis=1).astype(np.int32)
        return arrays, view(arrays[0]), view(arrays[1])

    def call(self, inputs):
        return self.encoder.forward_batch(inputs[1], lengths=inputs[2]).last_hidden_state


class Transformers(Engine):
    """pipeline("text-classification"), from texts to probabilities."""

    exports = {"f32": "folder", "bf16": "folder"}
    texts = True

    def __init__(self, dtype, threads):
        super().__init__(dtype, threads)
        import torch
        import transformers

        torch.set_num_threads(threads)
        torch.set_num_interop_threads(1)
        self.version = transformers.__version__
        self.library = transformers
        self.torch = torch

    def load(self, path):
        dtype = {"f32": self.torch.float32, "bf16": self.torch.bfloat16}[self.dtype]
        self.classify = self.library.pipeline(
            "text-classification", model=str(path), dtype=dtype, device="cpu")

    def inputs(self, shape, lines):
        count, batch = texts_of(shape)
        return lines[:count], batch

    def call(self, inputs):
        texts, batch = inputs
        return self.classify(texts, batch_size=batch, top_k=None, truncation=True)

    def outputs(self, result):
        """(sum of all probabilities, all of them in the order of the labels' ids)."""
        ids = self.classify.model.config.label2id
        scores = [label["score"] for labels in result
                  for label in sorted(labels, key=lambda label: ids[label["label"]])]
        return sum(scores), np.array(scores)


ENGINES = {
    "onnxruntime": OnnxRuntime,
    "onnxruntime-plain": OnnxRuntimeAsExported,
    "openvino": OpenVino,
    "ctranslate2": CTranslate2,
    "torch": Torch,
    "torch-compiled": TorchCompiled,
    "transformers": Transformers,
}

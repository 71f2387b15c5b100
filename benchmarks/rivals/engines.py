# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
"""The rivals, each with the settings that its documentation gives for latency on a CPU.

An engine is made from a place (exports.py), a type and a number of threads; what is imported, is
imported before its load is timed. prepare() is not timed, call() is.
"""

import contextlib
import ctypes
import dataclasses
import importlib
import re
import time

import numpy as np

from exports import GGUF_TYPES, config_of
from shapes import generation_of, kind_of, lengths_of, texts_of, token_ids


class Engine:
    """exports: the files that it needs, by type. A type that is missing is not offered here."""

    exports = {}
    module = ""  # what it is a class for
    kind = "tokens"  # of shapes: shapes.kind_of()

    def __init__(self, dtype, threads):
        self.dtype = dtype
        self.threads = threads
        self.library = importlib.import_module(self.module)
        self.version = re.split("[-+]", self.library.__version__)[0]

    @classmethod
    def runs(cls, shape, config):
        """Whether it can run that shape of a model."""
        return kind_of(shape) == cls.kind

    def around(self):
        """What calls run inside of."""
        return contextlib.nullcontext()

    def warm_up(self, inputs):
        self.call(inputs)

    def first_ms(self, inputs):
        """Of the last call of a generation: until the first new token was there."""
        return 0


def torch_of(threads):
    import torch

    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    return torch


class TokenEngine(Engine):
    def __init__(self, dtype, threads):
        super().__init__(dtype, threads)
        self.lengths = []

    def inputs(self, shape, number, source):
        self.lengths = lengths_of(shape)
        ids, mask = token_ids(self.lengths, number, source["vocabulary"])
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
    module = "onnxruntime"

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
    module = "openvino"

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
    module = "torch"

    def __init__(self, dtype, threads):
        super().__init__(dtype, threads)
        torch_of(threads)
        self.model_class = importlib.import_module("transformers").AutoModel

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
    module = "ctranslate2"

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
    module = "transformers"
    kind = "texts"

    def __init__(self, dtype, threads):
        super().__init__(dtype, threads)
        self.torch = torch_of(threads)

    def load(self, path):
        dtype = {"f32": self.torch.float32, "bf16": self.torch.bfloat16}[self.dtype]
        self.classify = self.library.pipeline(
            "text-classification", model=str(path), dtype=dtype, device="cpu")

    def inputs(self, shape, number, source):
        count, batch = texts_of(shape)
        return source["lines"][:count], batch

    def call(self, inputs):
        texts, batch = inputs
        return self.classify(texts, batch_size=batch, top_k=None, truncation=True)

    def outputs(self, result):
        """(sum of all probabilities, all of them in the order of the labels' ids)."""
        ids = self.classify.model.config.label2id
        scores = [label["score"] for labels in result
                  for label in sorted(labels, key=lambda label: ids[label["label"]])]
        return sum(scores), np.array(scores)


@dataclasses.dataclass
class Prompts:
    """What a call of a generation gets: every row becomes `new` tokens longer."""

    rows: list
    new: int
    beams: int
    ready: object = None  # the rows as the library wants them


class GenerationEngine(Engine):
    kind = "generation"

    def __init__(self, dtype, threads):
        super().__init__(dtype, threads)
        self.first = None  # seconds, of the last call

    def inputs(self, shape, number, source):
        lengths, new, beams = generation_of(shape)
        ids, _ = token_ids(lengths, number, source["vocabulary"])
        rows = [row[:length].tolist() for row, length in zip(ids, lengths)]
        return self.prepared(Prompts(rows, new, beams))

    def prepared(self, prompts):
        prompts.ready = self.prepare(prompts)
        return prompts

    def warm_up(self, inputs):
        """With 8 tokens a prompt and 2 new ones, as attend does."""
        rows = [row[:8] for row in inputs.rows]
        self.call(self.prepared(Prompts(rows, min(inputs.new, 2), inputs.beams)))

    def outputs(self, result):
        """(sum of all new ids, those of row 0)."""
        rows = self.new_ids(result)
        return sum(map(sum, rows)), np.array(rows[0])

    def new_ids(self, result):
        return result

    def first_ms(self, inputs):
        if inputs.new > 1 and self.first is None:  # it does not say: once more, with one token
            begin = time.perf_counter()
            self.call(self.prepared(Prompts(inputs.rows, 1, inputs.beams)))
            self.first = time.perf_counter() - begin
        return 1e3 * (self.first or 0)


class CTranslate2Generation(GenerationEngine):
    """Generator and Translator."""

    exports = {"f32": "ctranslate2", "int8": "ctranslate2-int8"}
    module = "ctranslate2"

    def load(self, path):
        self.translates = config_of(path.parent).get("is_encoder_decoder", False)
        kind = self.library.Translator if self.translates else self.library.Generator
        compute = {"f32": "float32", "int8": "int8"}[self.dtype]
        self.model = kind(str(path), device="cpu", compute_type=compute, inter_threads=1,
                          intra_threads=self.threads)

    def prepare(self, prompts):
        return [[f"t{id}" for id in row] for row in prompts.rows]

    def call(self, prompts):
        self.first = None
        begin = time.perf_counter()

        def note(_):  # sees every new token
            self.first = self.first or time.perf_counter() - begin
            return False

        options = {"beam_size": prompts.beams, "callback": note if prompts.beams == 1 else None}
        if self.translates:
            return self.model.translate_batch(
                prompts.ready, max_decoding_length=prompts.new, min_decoding_length=prompts.new,
                max_input_length=0, **options)
        return self.model.generate_batch(
            prompts.ready, max_length=prompts.new, min_length=prompts.new,
            include_prompt_in_result=False, **options)

    def new_ids(self, result):
        if self.translates:
            return [[int(token[1:]) for token in one.hypotheses[0]] for one in result]
        return [one.sequences_ids[0] for one in result]


class LlamaCpp(GenerationEngine):
    """The C interface, and the largest logit by numpy. Types of weights: F32, BF16, Q8_0, Q4_0;
    keys and values in the default type, F16, but with F32 weights in F32."""

    exports = {"f32": "f32.gguf", "bf16": "bf16.gguf", "int8": "q8_0.gguf", "int4": "q4_0.gguf"}
    module = "llama_cpp"

    @classmethod
    def runs(cls, shape, config):
        return (super().runs(shape, config) and config["model_type"] in GGUF_TYPES
                and generation_of(shape)[2] == 1)  # it has no beams

    def __init__(self, dtype, threads):
        super().__init__(dtype, threads)
        self.context = None
        self.room = (0, 0)

    def load(self, path):
        library = self.library
        library.llama_backend_init()
        self.model = library.llama_model_load_from_file(
            str(path).encode(), library.llama_model_default_params())
        config = config_of(path.parent)
        self.vocabulary = config["vocab_size"]
        self.eos = config["eos_token_id"]

    def make_room(self, rows, tokens):
        """A context for so many rows of so many tokens, unless there is one."""
        if self.room[0] == rows and self.room[1] >= tokens:
            return
        library = self.library
        if self.context is not None:
            library.llama_free(self.context)
        options = library.llama_context_default_params()
        self.room = (rows, 256 * (1 + (tokens - 1) // 256))
        options.n_ctx = rows * self.room[1]
        options.n_batch = options.n_ctx
        options.n_seq_max = rows
        options.n_threads = options.n_threads_batch = self.threads
        if self.dtype == "f32":
            options.type_k = options.type_v = library.GGML_TYPE_F32
        self.context = library.llama_init_from_model(self.model, options)

    def batch(self, rows):
        """Tokens of all rows, of each of which the last one gets logits."""
        c = ctypes
        count = sum(map(len, rows))

        def array(kind, values):
            return (kind * count)(*values)

        ids = [id for row in rows for id in row]
        places = [place for row in rows for place in range(len(row))]
        numbers = [(c.c_int32 * 1)(number) for number, row in enumerate(rows) for _ in row]
        ends = [place + 1 == len(row) for row in rows for place in range(len(row))]
        return self.library.llama_batch(
            n_tokens=count, token=array(c.c_int32, ids), pos=array(c.c_int32, places),
            n_seq_id=array(c.c_int32, [1] * count),
            seq_id=array(c.POINTER(c.c_int32), numbers), logits=array(c.c_int8, ends))

    def prepare(self, prompts):
        self.make_room(len(prompts.rows), max(map(len, prompts.rows)) + prompts.new)
        return self.batch(prompts.rows), self.batch([[0]] * len(prompts.rows))

    def best(self, at):
        """The likeliest token behind number `at` of the last batch."""
        logits = np.ctypeslib.as_array(
            self.library.llama_get_logits_ith(self.context, at), (self.vocabulary,))
        logits[self.eos] = -np.inf
        return int(logits.argmax())

    def decode(self, batch):
        code = self.library.llama_decode(self.context, batch)
        if code != 0:
            raise RuntimeError(f"llama_decode: {code}")

    def call(self, prompts):
        begin = time.perf_counter()
        library = self.library
        library.llama_memory_clear(library.llama_get_memory(self.context), False)
        whole, step = prompts.ready
        self.decode(whole)
        ends = np.cumsum([len(row) for row in prompts.rows])
        found = [[self.best(int(end) - 1)] for end in ends]
        self.first = time.perf_counter() - begin
        for number in range(prompts.new - 1):
            for row, ids in enumerate(found):
                step.token[row] = ids[-1]
                step.pos[row] = len(prompts.rows[row]) + number
            self.decode(step)
            for row, ids in enumerate(found):
                ids.append(self.best(row))
        return found


class TransformersGeneration(GenerationEngine):
    """generate(), with the attention and the cache that it chooses itself."""

    exports = {"f32": "folder", "bf16": "folder"}
    module = "transformers"

    def __init__(self, dtype, threads):
        super().__init__(dtype, threads)
        self.torch = torch_of(threads)

    def load(self, path):
        self.translates = config_of(path.parent).get("is_encoder_decoder", False)
        kind = (self.library.AutoModelForSeq2SeqLM if self.translates
                else self.library.AutoModelForCausalLM)
        dtype = {"f32": self.torch.float32, "bf16": self.torch.bfloat16}[self.dtype]
        self.model = kind.from_pretrained(path, dtype=dtype).eval()
        self.model.generation_config.forced_eos_token_id = None  # BART

    def prepare(self, prompts):
        return self.torch.tensor(prompts.rows)

    def call(self, prompts):
        self.first = None
        begin = time.perf_counter()

        def note(ids, _, **others):
            self.first = self.first or time.perf_counter() - begin
            return self.torch.zeros(len(ids), dtype=self.torch.bool)

        ids = self.model.generate(
            prompts.ready, attention_mask=self.torch.ones_like(prompts.ready), do_sample=False,
            num_beams=prompts.beams, max_new_tokens=prompts.new, min_new_tokens=prompts.new,
            stopping_criteria=[note])
        return ids[:, -prompts.new:]

    def new_ids(self, result):
        return result.tolist()

    def around(self):
        return self.torch.inference_mode()


ENGINES = {
    "onnxruntime": OnnxRuntime,
    "onnxruntime-plain": OnnxRuntimeAsExported,
    "openvino": OpenVino,
    "ctranslate2": CTranslate2,
    "torch": Torch,
    "torch-compiled": TorchCompiled,
    "transformers": Transformers,
    "ctranslate2-generation": CTranslate2Generation,
    "llama.cpp": LlamaCpp,
    "transformers-generation": TransformersGeneration,
}

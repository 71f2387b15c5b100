# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Records what generate() of transformers 4.57 makes of a model without weights, whose logits are a
# hash of the last two tokens (tests/task/hash_model.h has the same): search_cases.json. Draws are
# those of attend::Random. Group beams and contrastive search are run as 4.55 has them: OLD is its
# generation/utils.py.
# Behind CASES (280) of those come half as many with guidance, an encoder or stop strings; the latter
# only where an end of text is drawn as well (of the recorded ones six have none). Last come a twentieth
# as many whose end of text is forbidden for some tokens and becomes less likely (a decay below 1).
# Usage: make_searches.py OLD [CASES [SEED]] > search_cases.json
import ast
import json
import math
import random
import sys

import numpy
import torch
import transformers
from transformers import DynamicCache, GenerationConfig, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.generation import logits_process, utils
from transformers.generation.beam_search import BeamSearchScorer
from transformers.generation.stopping_criteria import StopStringCriteria
from transformers.modeling_outputs import BaseModelOutput, CausalLMOutputWithPast

transformers.logging.set_verbosity_error()
OLD = sys.argv[1]
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 280
rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 11)
WORD = 0xFFFFFFFF


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & WORD, (a >> 32) ^ c[3] ^ k[1], a & WORD]
        k = [(k[0] + 0x9E3779B9) & WORD, (k[1] + 0xBB67AE85) & WORD]
    return c


class Random:
    def __init__(self, seed, stream):
        self.seed, self.stream, self.taken = seed, stream, 0

    def uniform(self):
        w = philox([self.taken & WORD, self.taken >> 32, self.stream & WORD, self.stream >> 32],
                   [self.seed & WORD, self.seed >> 32])
        self.taken += 1
        return ((w[0] << 32 | w[1]) >> 11) * 2.0 ** -53


class Draws:
    """In the place of torch.multinomial: a stream a row."""

    def __init__(self, seed):
        self.seed, self.streams = seed, {}

    def __call__(self, probs, num_samples=1):
        out = []
        for row, weights in enumerate(probs):
            stream = self.streams.setdefault(row, Random(self.seed, row))
            weights = weights.double().numpy().copy()
            drawn = []
            for _ in range(num_samples):
                total = weights.sum()
                if not total > 0:
                    drawn += [i for i in range(len(weights)) if i not in drawn][:num_samples - len(drawn)]
                    break
                running = numpy.cumsum(weights)
                at = int(numpy.searchsorted(running, stream.uniform() * total, side="right"))
                at = min(at, int(numpy.nonzero(weights)[0][-1]))
                drawn.append(at)
                weights[at] = 0
            out.append(drawn)
        return torch.tensor(out)


def mix(a, b, j, seed):
    h = (a * 73856093) ^ (b * 19349663) ^ (j * 83492791) ^ (seed * 2654435761)
    h = numpy.uint32(h & WORD)
    with numpy.errstate(over="ignore"):
        h ^= h >> numpy.uint32(13)
        h *= numpy.uint32(0x5BD1E995)
        h ^= h >> numpy.uint32(15)
        h *= numpy.uint32(0x2C1B3C6D)
        h ^= h >> numpy.uint32(12)
    return int(h >> numpy.uint32(8))


class HashModel(PreTrainedModel, GenerationMixin):
    config_class = PretrainedConfig
    main_input_name = "input_ids"
    _supports_cache_class = True

    def __init__(self, vocabulary, seed, scale, is_encoder_decoder=False):
        config = PretrainedConfig(vocab_size=vocabulary, num_hidden_layers=1, hidden_size=4, num_attention_heads=1,
                                  is_decoder=True, is_encoder_decoder=is_encoder_decoder)
        super().__init__(config)
        self.seed, self.scale, self.vocabulary = seed, scale, vocabulary
        self.unused = torch.nn.Parameter(torch.zeros(1))
        self.memory = {}

    def _from_table(self, kind, a, b, count):
        key = (kind, a, b)
        if key not in self.memory:
            values = [mix(a, b, j + kind, self.seed) / 2.0 ** 24 for j in range(count)]
            self.memory[key] = torch.tensor([(v - 0.5) * (1 if kind else self.scale) for v in values])
        return self.memory[key]

    def get_encoder(self):
        return Encoder()

    def forward(self, input_ids=None, attention_mask=None, past_key_values=None, use_cache=True, output_hidden_states=False,
                return_dict=True, decoder_input_ids=None, **kwargs):
        if decoder_input_ids is not None:
            input_ids = decoder_input_ids
        if past_key_values is None and use_cache:  # guidance brings none
            past_key_values = DynamicCache()
        # The cache holds the tokens, so that what reorders it reorders them.
        new = input_ids.float()[:, None, :, None]
        if past_key_values is not None:
            cache = getattr(past_key_values, "self_attention_cache", past_key_values)
            all_ids = cache.update(new, new, 0)[0][:, 0, :, 0].long()
        else:
            all_ids = input_ids
        first = all_ids.shape[1] - input_ids.shape[1]
        pairs = [[(int(row[i - 1]) if i else 0, int(row[i])) for i in range(first, len(row))] for row in all_ids]
        logits = torch.stack([torch.stack([self._from_table(0, a, b, self.vocabulary) for a, b in row]) for row in pairs])
        hidden = torch.stack([torch.stack([self._from_table(1000, a, b, 4) for a, b in row]) for row in pairs])
        return CausalLMOutputWithPast(logits=logits, past_key_values=past_key_values,
                                      hidden_states=(hidden,) if output_hidden_states else None)


class Encoder(torch.nn.Module):
    """Nothing of it is in the logits."""

    def forward(self, input_ids=None, **kwargs):
        return BaseModelOutput(last_hidden_state=torch.zeros(*input_ids.shape, 4))


class Texts:
    """A tokenizer with a text a token, as far as stop strings need one."""

    def __init__(self, texts):
        self.texts = texts

    def get_vocab(self):
        return {f"<{i}>": i for i in range(len(self.texts))}

    def __call__(self, text, add_special_tokens=False):
        return {"input_ids": []}

    def convert_tokens_to_string(self, tokens):
        return "abcdef" + self.texts[int(tokens[-1][1:-1])]


def old_methods():
    tree = ast.parse(open(OLD).read())
    space = dict(vars(utils), BeamScorer=BeamSearchScorer, PretrainedConfig=PretrainedConfig,
                 CausalLMOutputWithPast=CausalLMOutputWithPast)
    wanted = {"_group_beam_search", "_contrastive_search", "_ranking_fast", "stack_model_outputs"}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in wanted:
            node.decorator_list = []
            exec(compile(ast.Module([node], []), OLD, "exec"), space)
    return space


SPACE = old_methods()


def group_search(model, input_ids, logits_processor, stopping_criteria, generation_config, **kwargs):
    c = generation_config
    scorer = BeamSearchScorer(
        batch_size=len(input_ids) // c.num_beams, num_beams=c.num_beams, device="cpu", length_penalty=c.length_penalty,
        do_early_stopping=c.early_stopping, num_beam_hyps_to_keep=c.num_return_sequences,
        num_beam_groups=c.num_beam_groups, max_length=c.max_length)
    at = sum(isinstance(p, logits_process.SequenceBiasLogitsProcessor) and
             not isinstance(p, logits_process.NoBadWordsLogitsProcessor) for p in logits_processor)
    logits_processor.insert(at, logits_process.HammingDiversityLogitsProcessor(
        c.diversity_penalty, c.num_beams, c.num_beam_groups))
    kwargs.pop("synced_gpus", None)
    return SPACE["_group_beam_search"](model, input_ids, scorer, logits_processor, stopping_criteria, c, False, **kwargs)


def contrastive_search(model, input_ids, logits_processor, stopping_criteria, generation_config, **kwargs):
    kwargs.pop("synced_gpus", None)
    generation_config.low_memory = False
    return SPACE["_contrastive_search"](model, input_ids, logits_processor, stopping_criteria, generation_config, False,
                                        None, **kwargs)


def options(mode, v):
    pick, chance = rng.choice, lambda p: rng.random() < p
    c = {"max_new_tokens": rng.randint(2, 14)}
    eos = rng.sample(range(2, v), pick([1, 1, 2]))
    if chance(0.85):
        c["eos_token_id"] = eos if len(eos) > 1 else eos[0]
        if chance(0.6):
            c["pad_token_id"] = pick([0, 1])
    elif mode == "group":
        c["pad_token_id"] = 1
    if mode in ("sample", "beam_sample"):
        c.update(do_sample=True, top_k=pick([0, 5, 50]))
        for key, value in {"temperature": 0.7, "top_p": 0.8, "typical_p": 0.8, "min_p": 0.05}.items():
            if chance(0.25):
                c[key] = value
    if mode == "sample":
        c["num_return_sequences"] = pick([1, 3])
    if mode in ("beam", "beam_sample", "group"):
        c["num_beams"] = pick([4, 6]) if mode == "group" else pick([2, 3, 4])
        c["num_return_sequences"] = rng.randint(1, c["num_beams"])
        c["early_stopping"] = pick([True, False, "never"])
        c["length_penalty"] = pick([1.0, 1.0, 0.0, 2.0, -0.7, 0.5])
    if mode == "group":
        c["num_beam_groups"] = pick([2, c["num_beams"] // 2, c["num_beams"]])
        c["diversity_penalty"] = pick([0.3, 1.0, 4.0])
    if mode == "contrastive":
        c.update(penalty_alpha=pick([0.2, 0.6, 0.9]), top_k=rng.randint(2, 5))
    if chance(0.5):
        extra = {
            "repetition_penalty": 1.3, "no_repeat_ngram_size": 2, "min_new_tokens": rng.randint(1, 6),
            "forced_eos_token_id": eos[0], "suppress_tokens": [3], "begin_suppress_tokens": [4, eos[0]],
            "bad_words_ids": [[5], [6, 7]], "sequence_bias": [[[3], -1.5], [[4, 5], 2.5]],
            "exponential_decay_length_penalty": [1, 1.2] if "eos_token_id" in c else None, "renormalize_logits": True,
        }
        decay = extra.pop("exponential_decay_length_penalty")  # not with what forbids tokens: NaN
        if decay and chance(0.15):
            c["exponential_decay_length_penalty"], extra = decay, {}
        for key in rng.sample(sorted(extra), min(2, len(extra))):
            if extra[key] is not None and not (key == "forced_eos_token_id" and mode in ("beam_sample", "group", "contrastive")):
                c[key] = extra[key]
    return c


def rounded(x, digits):
    return float(f"{x:.{digits}g}") if math.isfinite(x) else str(x)


def encoder_options(config, v):
    config["decoder_start_token_id"] = rng.randrange(v)
    extra = {"encoder_repetition_penalty": 1.4, "encoder_no_repeat_ngram_size": 2, "forced_bos_token_id": rng.randrange(v),
             "min_length": 4}
    if config.get("num_beams", 1) > 1 or config.get("num_return_sequences", 1) > 1:
        del extra["encoder_repetition_penalty"]  # there it acts on the first row of the first text alone
    config.pop("exponential_decay_length_penalty", None)  # NaN with the others
    if "suppress_tokens" in config:
        extra["forced_bos_token_id"] = 0  # or no token is allowed
    for key in rng.sample(sorted(extra), 2):
        config[key] = extra[key]
    if rng.random() < 0.3:
        config["max_length"] = config.pop("max_new_tokens") + 1


# Forbidden ends of text stay forbidden when they become less likely; bad words that are ends of text alone count for nothing.
def decay_options(config):
    eos = config.setdefault("eos_token_id", 2)
    config["exponential_decay_length_penalty"] = [rng.randint(0, 2), rng.choice([0.5, 0.8, 0.95])]
    config["min_new_tokens"] = rng.randint(3, 8)
    config["bad_words_ids"] = [[eos if isinstance(eos, int) else eos[0]]]


def one_case(mode, kind=None):
    v = rng.randint(16, 40)
    model = HashModel(v, rng.randrange(1 << 16), rng.choice([4.0, 8.0]), kind == "encoder")
    config = options(mode, v)
    if kind == "encoder":
        encoder_options(config, v)
    if kind == "decay":
        decay_options(config)
    length, seed = rng.randint(1, 5), rng.randrange(1 << 40)
    prompts = [[rng.randrange(v) for _ in range(length)] for _ in range(rng.choice([1, 1, 2, 3]))]
    if kind == "stops" and mode == "group":
        del prompts[1:]  # there a text goes on until all of the batch have stopped
    case = {"mode": mode, "vocabulary": v, "seed": model.seed, "scale": model.scale, "config": config, "prompts": prompts}
    more = {}
    if kind == "guidance":
        config["guidance_scale"] = rng.choice([0.0, 1.5, 3.0])
        if config.get("num_return_sequences", 1) == 1 and rng.random() < 0.6:
            length = rng.randint(1, 4)
            case["negative"] = [[rng.randrange(v) for _ in range(length)] for _ in prompts]
            more["negative_prompt_ids"] = torch.tensor(case["negative"])
    if "eos_token_id" in config and (kind == "stops" or
                                     not kind and mode in ("greedy", "beam") and rng.random() < 0.25):
        case["texts"] = ["".join(rng.choice("ab ") for _ in range(rng.randint(0, 3))) for _ in range(v)]
        config["stop_strings"] = ["".join(rng.choice("ab ") for _ in range(rng.randint(1, 5))) for _ in range(2)]
        more["tokenizer"] = Texts(case["texts"])
    if mode in ("sample", "beam_sample"):
        case["random_seed"] = seed
        torch.multinomial = Draws(seed)
    custom = {"group": group_search, "contrastive": contrastive_search}.get(mode)
    given = dict(config)
    if custom:
        more["custom_generate"] = custom
        if "stop_strings" in config:  # a custom function gets no tokenizer
            strings = given.pop("stop_strings")
            more["stopping_criteria"] = [StopStringCriteria(more.pop("tokenizer"), strings)]
    scores = mode != "contrastive"
    full = GenerationConfig(**given, return_dict_in_generate=True, output_scores=scores)
    ids = torch.tensor(prompts)
    if kind == "encoder":
        case["encoder"] = case.pop("prompts")
    out = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=full, **more)
    case["sequences"] = out.sequences.tolist()
    if getattr(out, "sequences_scores", None) is not None:
        case["sequences_scores"] = [rounded(x, 7) for x in out.sequences_scores.tolist()]
    if mode in ("beam", "beam_sample"):
        case["beam_indices"] = out.beam_indices.tolist()
    if scores and mode != "group" and (out.sequences >= 0).all():
        indices = getattr(out, "beam_indices", None)
        values = model.compute_transition_scores(out.sequences, out.scores, indices)
        case["transition_scores"] = [[rounded(x, 6) for x in row] for row in values.tolist()]
    return case


def main():
    modes = ["greedy", "sample", "beam", "beam", "beam_sample", "group", "contrastive"]
    cases = [one_case(modes[i % len(modes)]) for i in range(COUNT)]
    kinds = {"guidance": ["greedy", "sample"], "stops": ["sample", "beam_sample", "group", "contrastive"],
             "encoder": ["greedy", "sample", "beam", "beam_sample", "group"]}
    for i in range(COUNT // 2):
        kind = rng.choice(sorted(kinds))
        cases.append(one_case(rng.choice(kinds[kind]), kind))
    cases += [one_case(modes[i % len(modes)], "decay") for i in range(COUNT // 20)]
    print("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]")


main()

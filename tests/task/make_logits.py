# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
#
# Records what the processors of logits of transformers 4.57 do to random rows: logits_cases.json.
# Usage: make_logits.py [CASES_A_PROCESSOR [LARGEST_VOCABULARY [SEED]]] > logits_cases.json
import json
import math
import random
import sys

import numpy
import torch
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.generation import logits_process as lp
from transformers.generation.configuration_utils import GenerationConfig

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 8
LARGEST = int(sys.argv[2]) if len(sys.argv) > 2 else 24
rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 7)


def number(x):
    x = numpy.float32(x)
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    return float(str(x))


def rows(x):
    return [[number(v) for v in row] for row in x.tolist()]


def make_scores(vocabulary, kind):
    scale = rng.choice([0.3, 1.0, 3.0, 10.0])
    row = [rng.gauss(0, scale) for _ in range(vocabulary)]
    if kind == "ties":
        row = [round(x) / 2 for x in row]
    if kind in ("removed", "log"):
        for i in range(vocabulary):
            if rng.random() < 0.4 and i:
                row[i] = -math.inf
    if kind == "invalid":
        for i in range(vocabulary):
            if rng.random() < 0.2:
                row[i] = rng.choice([math.inf, -math.inf, math.nan])
    row = torch.tensor(row, dtype=torch.float32)
    return row.log_softmax(-1) if kind == "log" else row


def ids(vocabulary, length):
    few = max(2, min(vocabulary, rng.choice([2, 4, vocabulary])))
    return [rng.randrange(few) for _ in range(length)]


def some(vocabulary, most=3):
    return sorted(rng.sample(range(vocabulary), rng.randint(1, min(most, vocabulary))))


def sequences(vocabulary, text):
    out = []
    for _ in range(rng.randint(1, 4)):
        n = rng.randint(1, 3)
        if rng.random() < 0.6 and len(text) >= n:
            out.append(text[len(text) - n + 1:] + [rng.randrange(vocabulary)])
        else:
            out.append(ids(vocabulary, n))
    return [s for s in out if s]


def arguments(name, v, text):
    keep = rng.choice([1, 1, 2, 4])
    share = round(rng.uniform(0.02, 0.98), 2)
    return {
        "TemperatureLogitsWarper": lambda: {"temperature": round(rng.uniform(0.1, 3), 2)},
        "TopKLogitsWarper": lambda: {"top_k": rng.randint(1, v + 3), "min_tokens_to_keep": keep},
        "TopPLogitsWarper": lambda: {"top_p": share, "min_tokens_to_keep": keep},
        "MinPLogitsWarper": lambda: {"min_p": share, "min_tokens_to_keep": keep},
        "TypicalLogitsWarper": lambda: {"mass": share, "min_tokens_to_keep": keep},
        "EpsilonLogitsWarper": lambda: {"epsilon": rng.choice([share, 0.003, 0.03]), "min_tokens_to_keep": keep},
        "EtaLogitsWarper": lambda: {"epsilon": rng.choice([share, 0.003, 0.03]), "min_tokens_to_keep": keep},
        "RepetitionPenaltyLogitsProcessor": lambda: {"penalty": round(rng.uniform(0.3, 3), 2)},
        "EncoderRepetitionPenaltyLogitsProcessor": lambda: {"penalty": round(rng.uniform(0.3, 3), 2)},
        "NoRepeatNGramLogitsProcessor": lambda: {"ngram_size": rng.randint(1, 4)},
        "EncoderNoRepeatNGramLogitsProcessor": lambda: {"encoder_ngram_size": rng.randint(1, 4)},
        "NoBadWordsLogitsProcessor": lambda: {"bad_words_ids": sequences(v, text) + [[v - 1]], "eos_token_id": [0]},
        "SequenceBiasLogitsProcessor": lambda: {
            "sequence_bias": [[[t + 1 if t + 1 < v else 1 for t in s], rng.choice([2.5, -1.75, 0.1, -math.inf])]
                              for s in sequences(v, text)]},
        "MinLengthLogitsProcessor": lambda: {"min_length": rng.randint(1, 12), "eos_token_id": some(v)},
        "ForcedBOSTokenLogitsProcessor": lambda: {"bos_token_id": rng.randrange(v)},
        "ForcedEOSTokenLogitsProcessor": lambda: {"max_length": len(text) + rng.randint(0, 2), "eos_token_id": some(v)},
        "ExponentialDecayLengthPenalty": lambda: {
            "exponential_decay_length_penalty": [rng.randint(0, 3), round(rng.uniform(0.5, 1.6), 2)],
            "eos_token_id": some(v), "input_ids_seq_length": rng.randint(1, 4)},
        "SuppressTokensLogitsProcessor": lambda: {"suppress_tokens": some(v, 5) + [v + 3]},
        "InfNanRemoveLogitsProcessor": dict,
        "LogitNormalization": dict,
        "PrefixConstrainedLogitsProcessor": lambda: {"allowed": [some(v, 5), some(v, 5)]},
        "HammingDiversityLogitsProcessor": lambda: {
            "diversity_penalty": round(rng.uniform(0.1, 3), 2), "current_tokens": ids(v, 4)},
        "UnbatchedClassifierFreeGuidanceLogitsProcessor": lambda: {"guidance_scale": round(rng.uniform(0.5, 4), 2)},
        "WatermarkLogitsProcessor": lambda: {
            "greenlist_ratio": round(rng.uniform(0.1, 0.9), 2), "bias": 2.0, "hashing_key": rng.choice([15485863, 7, 104729]),
            "seeding_scheme": "lefthash", "context_width": rng.choice([1, 1, 3])},
    }[name]()


NAMES = [
    "TemperatureLogitsWarper", "TopKLogitsWarper", "TopPLogitsWarper", "MinPLogitsWarper", "TypicalLogitsWarper",
    "EpsilonLogitsWarper", "EtaLogitsWarper", "RepetitionPenaltyLogitsProcessor",
    "EncoderRepetitionPenaltyLogitsProcessor", "NoRepeatNGramLogitsProcessor", "EncoderNoRepeatNGramLogitsProcessor",
    "NoBadWordsLogitsProcessor", "SequenceBiasLogitsProcessor", "MinLengthLogitsProcessor",
    "ForcedBOSTokenLogitsProcessor", "ForcedEOSTokenLogitsProcessor", "ExponentialDecayLengthPenalty",
    "SuppressTokensLogitsProcessor", "InfNanRemoveLogitsProcessor", "LogitNormalization",
    "PrefixConstrainedLogitsProcessor", "HammingDiversityLogitsProcessor",
    "UnbatchedClassifierFreeGuidanceLogitsProcessor", "WatermarkLogitsProcessor"]


SORTED = ["TopPLogitsWarper", "MinPLogitsWarper", "TypicalLogitsWarper"]


def processed(name, args, text, encoder, scores):
    args = dict(args)
    text = torch.tensor(text)
    if name.startswith("Encoder"):
        args["encoder_input_ids"] = torch.tensor(encoder)
    if name == "HammingDiversityLogitsProcessor":
        tokens = torch.tensor(args.pop("current_tokens"))
        call = lp.HammingDiversityLogitsProcessor(num_beams=4, num_beam_groups=2, **args)
        return call(text, scores, tokens, 1)
    if name == "PrefixConstrainedLogitsProcessor":
        allowed = args["allowed"]
        return lp.PrefixConstrainedLogitsProcessor(lambda batch, _: allowed[batch], 1)(text, scores)
    if name == "UnbatchedClassifierFreeGuidanceLogitsProcessor":
        call = lp.UnbatchedClassifierFreeGuidanceLogitsProcessor(model=None, **args)
        half = len(scores) // 2
        call.get_unconditional_logits = lambda _: scores[half:, None]
        return call(text, scores[:half])
    if name == "WatermarkLogitsProcessor":
        args.update(vocab_size=scores.shape[-1], device="cpu")
    if name == "SequenceBiasLogitsProcessor":
        args["sequence_bias"] = {tuple(s): b for s, b in args["sequence_bias"]}
    return getattr(lp, name)(**args)(text, scores)


def one_case(name, scheme=None):
    v = rng.randint(6, LARGEST) if scheme is None else max(48, LARGEST)
    length = rng.randint(1, 9)
    text = [ids(v, length), ids(v, length)]
    encoder = [ids(v, 6), ids(v, 6)]
    kind = "invalid" if name.startswith("InfNan") else rng.choice(["plain", "plain", "ties", "removed", "log"])
    if kind == "ties" and (name in SORTED or scheme):
        kind = "plain"  # torch.sort leaves the order of equal ones to chance
    if name == "ExponentialDecayLengthPenalty":
        kind = "plain"  # NaN of what is removed
    wide = 4 if name.startswith("Unbatched") else 2
    scores = torch.stack([make_scores(v, kind) for _ in range(wide)])
    args = arguments(name, v, text[0])
    if scheme:
        args.update(seeding_scheme=scheme)
    try:
        expected = processed(name, args, text, encoder, scores.clone())
    except IndexError:  # selfhash, when it favours none of the likeliest
        return one_case(name, scheme)
    return {"processor": name, "arguments": args, "encoder_input_ids": encoder, "input_ids": text, "scores": rows(scores),
            "expected": rows(expected)}


def list_case(model):
    """The whole list of a config, in the order of generate()."""
    v = rng.randint(8, LARGEST)
    length, prompt = rng.randint(3, 9), rng.randint(1, 3)
    text, encoder = [ids(v, length), ids(v, length)], [ids(v, 6), ids(v, 6)]
    chance = lambda p: rng.random() < p
    config = {"max_length": length + rng.randint(1, 3), "eos_token_id": some(v, 2), "do_sample": chance(0.6)}
    options = {
        "num_beams": lambda: rng.choice([1, 3]), "temperature": lambda: round(rng.uniform(0.3, 2), 2),
        "top_k": lambda: rng.choice([0, 3, 10]), "top_p": lambda: round(rng.uniform(0.3, 0.99), 2),
        "min_p": lambda: round(rng.uniform(0.01, 0.4), 2), "typical_p": lambda: round(rng.uniform(0.3, 0.99), 2),
        "epsilon_cutoff": lambda: 0.02, "eta_cutoff": lambda: 0.03,
        "sequence_bias": lambda: [[[t + 1 if t + 1 < v else 1 for t in s], 1.5] for s in sequences(v, text[0])],
        "encoder_repetition_penalty": lambda: 1.3, "repetition_penalty": lambda: round(rng.uniform(0.6, 2), 2),
        "no_repeat_ngram_size": lambda: rng.randint(1, 3), "encoder_no_repeat_ngram_size": lambda: rng.randint(2, 3),
        "bad_words_ids": lambda: sequences(v, text[0]) + [[v - 1, 0]], "min_length": lambda: rng.randint(1, 10),
        "min_new_tokens": lambda: rng.randint(1, 6), "forced_bos_token_id": lambda: rng.randrange(v),
        "forced_eos_token_id": lambda: some(v, 2), "remove_invalid_values": lambda: True,
        "exponential_decay_length_penalty": lambda: [rng.randint(0, 2), 1.2], "suppress_tokens": lambda: some(v),
        "begin_suppress_tokens": lambda: some(v), "renormalize_logits": lambda: True,
        "watermarking_config": lambda: {"greenlist_ratio": 0.4, "bias": 1.5},
    }
    for key, make in options.items():
        if chance(0.25):
            config[key] = make()
    full = GenerationConfig(**config)
    if full.min_new_tokens is not None:
        full.min_length = full.min_new_tokens + prompt
    full._eos_token_tensor = torch.tensor(full.eos_token_id)
    model.config.vocab_size = v
    scores = torch.stack([make_scores(v, "plain") for _ in range(2)])
    processors = model._get_logits_processor(full, input_ids_seq_length=prompt, encoder_input_ids=torch.tensor(encoder),
                                             device="cpu")
    try:
        expected = processors(torch.tensor(text), scores.clone())
    except ValueError:  # eta_cutoff, of a row without tokens
        return None
    if torch.isnan(expected).any():
        return None
    return {"processor": "list", "arguments": config, "prompt_length": prompt, "encoder_input_ids": encoder,
            "input_ids": text, "scores": rows(scores), "expected": rows(expected)}


def main():
    cases = []
    for name in NAMES:
        cases += [one_case(name) for _ in range(COUNT)]
    cases += [one_case("WatermarkLogitsProcessor", "selfhash") for _ in range(max(1, COUNT // 10))]
    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=1, n_embd=4, vocab_size=8))
    made = [list_case(model) for _ in range(6 * COUNT)]
    cases += [c for c in made if c]
    print("[\n" + ",\n".join(json.dumps(c).replace("-Infinity", '"-inf"') for c in cases) + "\n]")


main()

# SPDX-FileCopyrightText: 2026 The attend authors
# SPDX-License-Identifier: Apache-2.0
"""What one call runs: the shapes and the token ids of `attend bench`, and what they cost."""

import re

import numpy as np


def kind_of(shape):
    """What a call makes: hidden states of "tokens", probabilities of "texts", or a "generation"."""
    if shape.startswith("texts:"):
        return "texts"
    return "generation" if shape.startswith(("gen:", "prefill:")) else "tokens"


def lengths_of(shape):
    """Tokens of every row of "8x128" and "ragged32"."""
    if match := re.fullmatch(r"ragged(\d+)", shape):
        return [1 + 29 * row % 64 for row in range(int(match[1]))]
    if match := re.fullmatch(r"(\d+)x(\d+)", shape):
        return [int(match[2])] * int(match[1])
    raise ValueError(f"no shape: {shape}")


def generation_of(shape):
    """(lengths of prompts, new tokens, beams) of "gen:8x128+32/4" and "prefill:1x128"."""
    if match := re.fullmatch(r"prefill:(.+)", shape):
        return lengths_of(match[1]), 1, 1
    if match := re.fullmatch(r"gen:(.+)\+(\d+)(?:/(\d+))?", shape):
        return lengths_of(match[1]), int(match[2]), int(match[3] or 1)
    raise ValueError(f"no shape: {shape}")


def texts_of(shape):
    """(texts, texts a batch) of "texts:512/32"."""
    match = re.fullmatch(r"texts:(\d+)/(\d+)", shape)
    if not match:
        raise ValueError(f"no shape: {shape}")
    return int(match[1]), int(match[2])


def token_ids(lengths, number, vocabulary):
    """Ids and mask of round `number`, padded: [rows, longest]."""
    position = np.arange(max(lengths), dtype=np.int64)[None, :]
    row = np.arange(len(lengths), dtype=np.int64)[:, None]
    place = 7919 * position + 104729 * row + 15485863 * number
    mask = (position < np.array(lengths)[:, None]).astype(np.int64)
    return (1000 + place % (vocabulary - 2000)) * mask, mask


def operations(lengths, config):
    """Floating-point operations of a forward pass, without those that are linear in the width."""
    width = config.get("hidden_size", config.get("dim"))
    inner = config.get("intermediate_size", config.get("hidden_dim"))
    layers = config.get("num_hidden_layers", config.get("n_layers"))
    tokens = sum(lengths)
    pairs = sum(length * length for length in lengths)
    return layers * (2 * tokens * (4 * width * width + 2 * width * inner) + 4 * pairs * width)

// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The axes along which architectures differ, as plain options. An axis, or a value of one, exists
// only when an architecture of the registry uses it.
#pragma once

#include <cstdint>
#include <string_view>

#include "attend/core/shape.h"
#include "attend/ops/activation.h"

namespace attend {

/// Sum of a token, a position and a type embedding, then a LayerNorm.
struct EmbeddingOptions {
  Index width = 0;       ///< m
  Index vocabulary = 0;  ///< v
  Index positions = 0;   ///< rows of the table of learned positions
  Index types = 0;       ///< rows of the table of token types; 0: there is none
  float norm_eps = 1e-12F;
};

/// One residual block: attention and feed-forward, each followed by its residual sum and a
/// LayerNorm ("post-norm").
/// Source: Vaswani et al. 2017, section 3.1.
struct BlockOptions {
  Index width = 0;  ///< m
  Index heads = 0;  ///< h; h * head_size = m
  Index head_size = 0;
  Index ffn_width = 0;  ///< f
  float norm_eps = 1e-12F;
  Activation activation = Activation::gelu;
};

/// All of an encoder.
struct EncoderOptions {
  EmbeddingOptions embedding;
  BlockOptions block;
  Index layers = 0;
};

/// Which rows of the hidden states a head works on.
enum class HeadRows : std::uint8_t {
  every,  ///< one output a token
  first,  ///< one output a sequence, from its first token
};

/// A head: out(norm(activation(dense(x)))). An empty name leaves its part out. Names are ours, so
/// each of them is a row of the architecture's renames.
struct HeadOptions {
  HeadRows rows = HeadRows::every;
  std::string_view dense;  ///< [m, m]
  Activation activation = Activation::none;
  std::string_view norm;
  std::string_view out;       ///< [c, m]
  std::string_view out_bias;  ///< the weight that holds the bias of `out`; often `out` itself
  Index classes = 0;          ///< c
  /// The checkpoint may lack `dense`, and the head is then empty: poolers of base models.
  enum class Presence : std::uint8_t { required, optional } presence = Presence::required;
  /// `out` has the token embeddings as weight, unless the config unties them.
  enum class OutWeight : std::uint8_t { own, token_embedding } out_weight = OutWeight::own;
};

}  // namespace attend

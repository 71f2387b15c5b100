// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The axes along which architectures differ, as plain options. An axis, or a value of one, exists
// only when an architecture of the registry uses it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "attend/core/shape.h"
#include "attend/ops/activation.h"
#include "attend/ops/attention.h"
#include "attend/ops/rotary.h"

namespace attend {

/// Whether a layer adds a bias.
enum class Bias : std::uint8_t { with, without };

enum class NormKind : std::uint8_t {
  layer,  ///< by mean and variance (Ba et al. 2016)
  rms,    ///< by the mean square (Zhang and Sennrich 2019); it never has a bias
};

struct NormOptions {
  float eps = 1e-12F;
  Bias bias = Bias::with;
  NormKind kind = NormKind::layer;
  /// What a checkpoint holds: what is multiplied by, or how much more than 1 that is (Gemma).
  enum class Gain : std::uint8_t { whole, above_one } gain = Gain::whole;
};

/// Where embeddings get from the width of their tables to that of the blocks.
enum class ProjectionPlace : std::uint8_t {
  none,         ///< tables are as wide as the blocks
  before_norm,  ///< DeBERTa
  after_norm,   ///< ELECTRA (Clark et al. 2020), ALBERT (Lan et al. 2019, "factorised")
  tokens_only,  ///< before positions, which are as wide as the blocks, are added: OPT
};

/// Positions that are computed: ops/sinusoids.h.
struct SinusoidOptions {
  enum class Frequencies : std::uint8_t {
    by_column,         ///< 10000^(-2i / m), in double precision (Vaswani et al. 2017, section 3.5)
    from_one_to_last,  ///< from 1 to 1/10000, both of them, in f32 (tensor2tensor, fairseq)
  } frequencies = Frequencies::by_column;
  std::optional<std::int32_t> zero = {};  ///< the position of what is no token
  /// Whether a checkpoint may hold them as a table, which is then taken as it is.
  enum class Table : std::uint8_t { absent, optional } table = Table::absent;
};

/// The sum of a token, a position and a type embedding, then a norm.
struct EmbeddingOptions {
  Index width = 0;        ///< m
  Index table_width = 0;  ///< columns of the tables; m unless there is a projection
  Index vocabulary = 0;   ///< v
  /// Our name of the table of tokens, whole: stacks share one, or each has its own.
  std::string_view tokens = "embed.token";
  float token_scale = 1;  ///< of the token embeddings
  /// Rows of the table of positions; 0: there is none. Where they are computed, their number; 0:
  /// any.
  Index positions = 0;
  Index unused_positions = 0;  ///< rows before that of position 0, which the table has besides
  std::optional<SinusoidOptions> sinusoids = {};  ///< positions are computed, not learned
  Index types = 0;  ///< rows of the table of token types; 0: there is none
  /// Rows of the table of types of tasks, of which every text has the first; 0: there is none.
  /// Source: transformers 4.57 models/ernie.
  Index tasks = 0;
  std::optional<NormOptions> norm;
  ProjectionPlace projection = ProjectionPlace::none;
  Bias projection_bias = Bias::with;
};

/// How a checkpoint holds the weights of queries, keys and values.
enum class QkvWeights : std::uint8_t {
  apart,            ///< three matrices, "q", "k" and "v"
  stacked,          ///< one matrix "qkv": all of q, then k, then v
  stacked_by_head,  ///< one matrix "qkv": q, k and v of the first head, then of the second ...
  stacked_by_head_bias_apart,  ///< the same with "q.bias" and "v.bias" apart; k has none
};

/// Queries and keys have norms before they are turned (Dehghani et al. 2023).
struct QueryKeyNorm {
  enum class Span : std::uint8_t {
    head,      ///< all heads with the same gains
    own_head,  ///< each head with gains of its own
    row,       ///< all heads at once
  } span = Span::head;
  NormOptions norm;
};

enum class FeedForwardKind : std::uint8_t {
  plain,  ///< down(activation(up(x)))
  gated,  ///< down(activation(gate(x)) * up(x)) (GLU; Shazeer 2020)
};

/// How a checkpoint holds the two first weights of a gated feed-forward.
enum class GateWeights : std::uint8_t {
  first,  ///< one matrix "up": gate, then up
  last,   ///< one matrix "up": up, then gate
  apart,  ///< two matrices, "gate" and "up"
};

/// Where the norms of a block stand.
enum class NormPlace : std::uint8_t {
  after_residual,  ///< x = norm(x + f(x)) (Vaswani et al. 2017)
  before,          ///< x = x + f(norm(x)) (Xiong et al. 2020)
  after,           ///< x = x + norm(f(x)) (OLMo 2, 2024)
  around,          ///< x = x + norm(f(norm(x))) (Gemma 2, 2024)
};

/// What the feed-forward of a block starts from.
enum class BlockOrder : std::uint8_t {
  in_turn,        ///< what attention made of the residual stream
  side_by_side,   ///< the same as attention, with a norm of its own (Wang and Komatsuzaki 2021)
  with_one_norm,  ///< the same as attention, and its norm
};

/// One residual block: attention and feed-forward.
struct BlockOptions {
  Index width = 0;      ///< m
  Index heads = 0;      ///< h
  Index key_heads = 0;  ///< g, which divide the heads (Ainslie et al. 2023); 0: as many
  Index head_size = 0;
  Index ffn_width = 0;  ///< f
  NormOptions norm;
  NormPlace norm_place = NormPlace::after_residual;
  BlockOrder order = BlockOrder::in_turn;  ///< other ones have norms before
  /// Whether attention has a norm: ModernBERT's first block leaves it to the embeddings.
  enum class AttentionNorm : std::uint8_t {
    present,
    absent
  } attention_norm = AttentionNorm::present;
  QkvWeights qkv = QkvWeights::apart;
  Bias qkv_bias = Bias::with;
  Bias attention_out_bias = Bias::with;
  /// Whether the block looks at the memory of another stack after it looked at itself.
  enum class CrossAttention : std::uint8_t { absent, present } cross = CrossAttention::absent;
  float score_scale = 1;  ///< of q.k, usually 1 / sqrt(head_size)
  AttentionMask mask;     ///< window (Beltagy et al. 2020), causal (Vaswani et al. 2017)
  std::optional<QueryKeyNorm> query_key_norm;
  float score_cap = 0;                  ///< AttentionShape::soft_cap
  std::optional<RotaryOptions> rotary;  ///< Su et al. 2021
  FeedForwardKind ffn = FeedForwardKind::plain;
  GateWeights gate = GateWeights::first;
  Bias ffn_up_bias = Bias::with;  ///< of the gate, too
  Bias ffn_down_bias = Bias::with;
  Activation activation = Activation::gelu;

  /// Columns of q, and of k or v.
  [[nodiscard]] Index query_width() const noexcept { return heads * head_size; }
  [[nodiscard]] Index key_width() const noexcept {
    return AttentionShape{.heads = heads, .key_heads = key_heads}.kv_heads() * head_size;
  }
};

/// Scores get a learned number by head and by bucket of the distance; half of the buckets are for
/// keys to the right, unless there are none; half of each half for single distances, the rest grow
/// with the logarithm.
/// One table for all layers. Source: Raffel et al. 2019, section 2.1; Song et al. 2020 (MPNet).
struct BucketBias {
  Index buckets = 0;       ///< that are used
  Index rows = 0;          ///< of the table
  Index max_distance = 0;  ///< where the last bucket begins
  /// On which side of a token keys have buckets: of a decoder behind it only.
  enum class Sides : std::uint8_t { both, behind } sides = Sides::both;
};

/// Scores get q.P_k and k.P_q for embeddings P of the distance, which have projections in every
/// layer. Source: He et al. 2020 (DeBERTa), section 3.1.
struct DisentangledBias {
  Index reach = 0;  ///< distances are clamped to it; the table has 2 * reach rows
  /// 0, or distances beyond half of `reach` share rows by their logarithm, up to this distance.
  Index log_distance = 0;
  enum class Parts : std::uint8_t {
    content_to_position,
    position_to_content,
    both,
  } parts = Parts::both;
  /// Whether positions go through the projections of the content, or have their own.
  enum class Projections : std::uint8_t { shared, own } projections = Projections::own;
  Bias key_bias = Bias::with;             ///< of the positions' own projection to keys
  std::optional<NormOptions> table_norm;  ///< of the embeddings of distances
};

/// Scores get q.E for an embedding E of the distance, or q.E + k.E. Each layer has its own, for all
/// heads. Source: Shaw et al. 2018, section 3.2; Huang et al. 2020, method 4.
struct RelativeBias {
  Index reach = 0;  ///< of a text, at most; the table has 2 * reach + 1 rows
  enum class Parts : std::uint8_t { query, query_and_key } parts = Parts::query;
  /// Whether BlockOptions::score_scale is that of these scores, too: not so in ALBERT.
  enum class Scale : std::uint8_t { as_scores, none } scale = Scale::as_scores;
};

/// Scores fall with the distance, in each head by a slope of its own; distances count tokens that
/// are there. Source: Press et al. 2021 (ALiBi); transformers 4.57 models/bloom.
struct LinearBias {};

using ScoreBiasOptions =
    std::variant<std::monostate, BucketBias, DisentangledBias, RelativeBias, LinearBias>;

/// x_1 = norm(x_1 + activation(convolution(x_0))) over neighbouring tokens, where x_0 is what the
/// first block got and x_1 what it made of it. Source: transformers 4.57 models/deberta_v2.
struct ConvolutionOptions {
  Index kernel = 0;  ///< odd
  Index groups = 1;  ///< outputs see the inputs of their group only
  Activation activation = Activation::tanh;
  NormOptions norm;
};

/// All of a stack of blocks: an encoder or a decoder.
struct StackOptions {
  EmbeddingOptions embedding;
  std::vector<BlockOptions> blocks;  ///< as the checkpoint has them
  std::vector<Index> layers;         ///< the block that each layer runs: ALBERT shares them
  /// Blocks in groups of so many are named layer.{i}.{j}, and `layers` has the group that each
  /// layer runs, block after block: ALBERT.
  std::optional<Index> blocks_a_group;
  ScoreBiasOptions score_bias = {};
  std::optional<ConvolutionOptions> convolution;
  std::optional<NormOptions> final_norm;
  Index output_width = 0;  ///< of a projection behind the final norm, without a bias; 0: none
  /// Which state transformers calls the last hidden one: not so for ModernBERT.
  enum class LastState : std::uint8_t {
    after_norm,
    before_norm
  } last_state = LastState::after_norm;
};

}  // namespace attend

// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Model: a checkpoint ready to run. Immutable after load; any number of threads may run it, each
// with a Workspace of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "attend/batch/batch.h"
#include "attend/checkpoint/mapped_file.h"
#include "attend/checkpoint/weights.h"
#include "attend/core/export.h"
#include "attend/core/matrix.h"
#include "attend/core/workspace.h"
#include "attend/model/config.h"
#include "attend/model/kv_cache.h"
#include "attend/model/memory.h"
#include "attend/model/observer.h"
#include "attend/ops/compute_type.h"

namespace attend {

class Stack;

/// What stands on top of the encoder.
enum class HeadKind : std::uint8_t {
  none,
  sequence_classification,
  token_classification,
  question_answering,
  masked_lm,
  causal_lm,                 ///< the next token, after each
  multiple_choice,           ///< a score for each sequence, one a choice
  next_sentence_prediction,  ///< whether the second text follows: yes, no; ALBERT: its order
  replaced_token_detection,  ///< a score for each token: ELECTRA's discriminator
  conditional_generation,    ///< a decoder's scores of what the next token is
  encoder,                   ///< none, and no decoder either: T5EncoderModel
};

/// Whether a head scores all tokens of the vocabulary.
[[nodiscard]] constexpr bool scores_vocabulary(HeadKind kind) noexcept {
  return kind == HeadKind::masked_lm || kind == HeadKind::causal_lm ||
         kind == HeadKind::conditional_generation;
}

/// Whether weights that are packed already (model/packed_file.h) are used.
enum class PackedWeights : std::uint8_t { if_present, never };

struct ModelOptions {
  /// The head to load; absent means the one that config.architectures names.
  std::optional<HeadKind> head = {};
  LoadMode load_mode = LoadMode::map;
  ThreadPool* pool = nullptr;  ///< for packing weights; default_pool() when null
  /// Read every float tensor of the checkpoint, and refuse it when one has a NaN or an infinity.
  /// Weights are packed from what was read then: a file of packed ones is left alone.
  bool check_finite = false;
  /// Replay selftest.safetensors of the folder (model/selftest.h), and refuse the model when a
  /// value differs by more than the file allows. Selftests are of f32: with another
  /// `compute` it is a config_error.
  bool verify = false;
  /// What products with weights are computed in. Task heads stay f32, but for the vocabulary's.
  ComputeType compute = ComputeType::f32;
  /// What make_cache() keeps of the tokens before. Throws: unsupported, unless it is `computed` or
  /// the model is a decoder.
  KvType kv_type = KvType::computed;
  /// Tensors that the architecture has no place for; transformers warns of them and goes on.
  ExtraTensors extra_tensors = ExtraTensors::refuse;
  /// Refuse a model that needs more bytes than so many, while it is loaded or then
  /// (MemoryEstimate::loading, idle()), before anything is allocated for it.
  std::optional<std::uint64_t> max_memory_bytes = {};
  /// Take weights from the file of packed ones in the model's folder, if there is one for
  /// `compute`. One that does not fit the checkpoint is an error, never passed over. The model
  /// reads a mapped file as long as it lives: replace it, never write into it or cut it
  /// (model/packed_file.h). LoadMode::read takes a copy.
  PackedWeights packed = PackedWeights::if_present;
  /// The file to take them from instead, which must be there.
  std::filesystem::path packed_file = {};
};

/// A batch whose sequences are those of a cache. Shapes: sequences [n], each once.
struct StepInput {
  const Batch& batch;
  std::span<const Index> sequences;
  KvCache& cache;
};

/// An encoder, or an encoder and a decoder, with a head.
class ATTEND_EXPORT Model {
 public:
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  [[nodiscard]] const ModelConfig& config() const noexcept;
  [[nodiscard]] HeadKind head() const noexcept;
  /// Whether the head makes logits.
  [[nodiscard]] bool has_logits() const noexcept;

  /// How positions are counted where a batch has none.
  [[nodiscard]] PositionRule position_rule() const noexcept;
  /// Tokens that a sequence may have; nothing when positions are relative or computed.
  [[nodiscard]] std::optional<Index> max_tokens() const noexcept;

  // Results live in `workspace` until the caller's enclosing Workspace::Scope ends.
  // All throw: tokenizer_error (an id outside the vocabulary), input_too_long (a position beyond
  // the model's), cancelled, resource_limit.

  /// Last hidden states: the decoder's where there is one, which reads the same text one token
  /// later (Architecture::decoder_input), as most classes of transformers let it when nothing else
  /// is given. Shapes: [t, m].
  [[nodiscard]] MatrixView<float> hidden_states(const Batch& batch, Workspace& workspace,
                                                const PassObserver& observer = {}) const;

  /// The same where the decoder reads texts of its own, sequence for sequence.
  /// Shapes: decoder of u tokens -> [u, m]. Throws: config_error, too, when there is no decoder or
  /// the batches differ in their number of sequences.
  [[nodiscard]] MatrixView<float> hidden_states(const Batch& batch, const Batch& decoder,
                                                Workspace& workspace,
                                                const PassObserver& observer = {}) const;

  /// Whether there is a decoder.
  [[nodiscard]] bool has_decoder() const noexcept;

  /// What the head makes of hidden states. Shapes: hidden [t, m] -> sequence classification
  /// [n, c], token classification [t, c], question answering [t, 2] (start, end), masked LM
  /// [t, v], causal LM and conditional generation [t, v], multiple choice [n, 1], next sentence
  /// prediction [n, 2] (ALBERT: [n, c]), replaced token detection [t, 1]. Throws: config_error when
  /// the model has no head.
  [[nodiscard]] MatrixView<float> logits(MatrixView<const float> hidden, const Batch& batch,
                                         Workspace& workspace) const;
  /// The head on chosen rows only, for heads that work by token: a vocabulary is wide.
  /// Shapes: hidden [t, m], rows [r] -> [r, c].
  [[nodiscard]] MatrixView<float> logits(MatrixView<const float> hidden,
                                         std::span<const Index> rows, Workspace& workspace) const;

  /// hidden_states() and logits() in one.
  [[nodiscard]] MatrixView<float> logits(const Batch& batch, Workspace& workspace) const;

  /// dense + tanh of the first row, where the architecture has a pooler that was loaded.
  /// Shapes: hidden [t, m] -> [n, m].
  [[nodiscard]] bool has_pooler() const noexcept;
  [[nodiscard]] MatrixView<float> pooler_output(MatrixView<const float> hidden, const Batch& batch,
                                                Workspace& workspace) const;

  // Decoding: tokens join sequences of a cache, which has the keys and values of those before them.
  // What throws leaves the cache as it was; config_error, too: a cache whose layers are not those of
  // the model.

  /// For the sequences of one caller, of ModelOptions::kv_type. Throws: unsupported (no decoder).
  [[nodiscard]] KvCache make_cache() const;
  [[nodiscard]] KvType kv_type() const noexcept;

  /// Last hidden states of new tokens: a whole prompt, a part of it or one token, as it comes. They
  /// are the same bits as those of a pass over the whole sequences, unless the cache is of integers
  /// (then those of the same steps in any parts), or rotary frequencies
  /// depend on the length (RotaryScaling "dynamic", "longrope"): then keys stay as they were turned
  /// when the sequence was shorter, as in the reference. Positions and columns go on from the
  /// cache, where the batch has none. Shapes: [t, m].
  [[nodiscard]] MatrixView<float> step(const StepInput& input, Workspace& workspace,
                                       const PassObserver& observer = {}) const;

  /// Last hidden states of the encoder, which become the memories of sequences without tokens:
  /// their keys and values are computed once for all steps, and forks share them. Shapes: [t, m].
  /// Throws: config_error, too, when there is no decoder.
  [[nodiscard]] MatrixView<float> encode(const StepInput& input, Workspace& workspace,
                                         const PassObserver& observer = {}) const;

  /// What the model takes, and a step of that shape, with the logits of the last token of each
  /// sequence where the head scores a vocabulary, after an encoder's pass where there is one.
  /// Throws: as above; unsupported (the model is no decoder).
  [[nodiscard]] MemoryEstimate memory(const StepShape& step,
                                      ThreadPool& pool = default_pool()) const;

  /// What the model takes, and a pass of such a batch through all of it: logits() of every token
  /// where there is a head, else hidden_states() and pooler_output(). It counts for the threads of
  /// `pool`, and runs nothing. Throws: config_error (a sequence without tokens, more than 2^24
  /// tokens), resource_limit (a pass that no machine has memory for).
  [[nodiscard]] MemoryEstimate memory(const BatchShape& batch,
                                      ThreadPool& pool = default_pool()) const;

 private:
  friend ATTEND_EXPORT Model load_model(const std::filesystem::path&, const ModelOptions&);
  friend ATTEND_EXPORT MemoryEstimate estimate_memory(const std::filesystem::path&,
                                                      const BatchShape&, const ModelOptions&);
  friend ATTEND_EXPORT void pack_model(const std::filesystem::path&, const ModelOptions&,
                                       const std::filesystem::path&);
  friend ATTEND_EXPORT void check_packed(const std::filesystem::path&, const ModelOptions&);
  struct Implementation;
  [[nodiscard]] const Stack& encoder() const noexcept;
  [[nodiscard]] const Stack& decoder() const noexcept;  // or the only stack
  explicit Model(std::unique_ptr<const Implementation> implementation);
  std::unique_ptr<const Implementation> implementation_;
};

/// Loads a Hugging Face folder as it is: config.json, and the weights as Checkpoint::open() finds
/// them.
/// Throws: as read_config() and Checkpoint::open(); weight_missing, weight_shape (tensor, expected,
/// found, file), weight_value (ModelOptions::check_finite; verify, with the output, its place, what
/// was expected and found), as replay_selftest() when verify is set, unsupported (an architecture
/// that is not known, with those that are), resource_limit (ModelOptions::max_memory_bytes); for a
/// file of packed weights: invalid_format, unsupported (of another version), weight_missing,
/// weight_shape, weight_value (packed from other weights).
[[nodiscard]] ATTEND_EXPORT Model load_model(const std::filesystem::path& folder,
                                             const ModelOptions& options = {});

/// Model::memory() of a folder, from its config.json and the headers of its files: no weight is
/// read, and nothing as large as one is allocated, save for a file of PyTorch that has transposed
/// tensors. All options count but `check_finite`, `verify` and `max_memory_bytes`. Throws: as
/// load_model() and Model::memory().
[[nodiscard]] ATTEND_EXPORT MemoryEstimate estimate_memory(const std::filesystem::path& folder,
                                                           const BatchShape& batch,
                                                           const ModelOptions& options = {});

}  // namespace attend

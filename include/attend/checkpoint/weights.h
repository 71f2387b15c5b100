// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Weights by *our* names: an architecture's table says what the file calls them. Every weight is
// checked against the shape that the config asks for, and what nobody asked for is reported.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attend/checkpoint/checkpoint.h"
#include "attend/core/export.h"
#include "attend/core/stored_weight.h"

namespace attend {

/// One row of an architecture's table: our name and theirs. "{i}" stands for a layer's index in
/// both, "{j}" for that of a block in it where a layer has several. `theirs` is without the
/// architecture's prefix; a leading '/' marks a name that never has one ("/classifier"). Both are
/// names of layers, to which ".weight" or ".bias" is appended, unless ours ends so: then both are
/// names of tensors ("layer.{i}.attn.q.bias" and "...self.q_bias"). Of names with '|' between them
/// the first that is there is taken: copies of one tensor, of which a checkpoint keeps any.
struct Rename {
  std::string_view ours;
  std::string_view theirs;
  StoredOrder order = StoredOrder::rows;  ///< of the layer's matrix in the file
};

/// How an architecture's checkpoints name their tensors.
struct NameTable {
  std::span<const Rename> renames;
  /// Tried in order; the first under which the checkpoint has tensors is taken: "bert.", "".
  std::span<const std::string_view> prefixes;
  /// Names, with any prefix, that may be left over: buffers, heads of other tasks. "{i}" stands for
  /// a number, a trailing '*' for the rest.
  std::span<const std::string_view> ignored;
};

/// Whether weights are read, or only looked up and checked: then matrices have no values (null
/// bytes) and vectors are zeros, and a model that is made of them is a plan of one.
enum class WeightValues : std::uint8_t { read, absent };

/// What becomes of a checkpoint with tensors that the architecture has no place for: fine-tuned
/// folders keep heads of their training, and a config.json of another model leaves them over, too.
enum class ExtraTensors : std::uint8_t { refuse, ignore };

/// Scoped access to one checkpoint under one NameTable. Old LayerNorm names (gamma, beta) are
/// found where weight and bias are asked for.
///
/// Threads: loading is done by one thread.
class ATTEND_EXPORT Weights {
 public:
  Weights(std::shared_ptr<const Checkpoint> checkpoint, const NameTable& table,
          WeightValues values = WeightValues::read);
  ~Weights();
  Weights(Weights&&) noexcept;

  /// `name` is one of ours with ".weight" or ".bias" appended: "layer.3.attn.q.weight".
  [[nodiscard]] bool has(std::string_view name) const;

  [[nodiscard]] WeightValues mode() const noexcept;

  /// Shapes: [rows, cols], the other way round in a file that has columns first.
  /// Throws: weight_missing (lists the nearest names), weight_shape,
  /// unsupported (a type that is no weight type).
  [[nodiscard]] StoredWeight matrix(std::string_view name, Index rows, Index cols);

  /// A tensor of any rank and a floating-point type. Throws: as matrix().
  [[nodiscard]] StoredWeight tensor(std::string_view name, const Shape& shape);
  /// The same, widened. Throws: as matrix().
  [[nodiscard]] std::vector<float> values(std::string_view name, const Shape& shape);
  /// A vector, widened. Shapes: [size]. Throws: as matrix().
  [[nodiscard]] std::vector<float> vector(std::string_view name, Index size);

  /// Call when the values of a matrix are not needed for now: MappedFile::release().
  void release(const StoredWeight& weight) const noexcept;

  /// Tensors that may be left over, besides those of NameTable::ignored. `pattern` must outlive this.
  void ignore(std::string_view pattern);

  /// Call when everything was asked for. Throws: weight_shape naming the left-over tensors, unless
  /// all are ignored or `extra` lets them be.
  void finish(ExtraTensors extra = ExtraTensors::refuse) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace attend

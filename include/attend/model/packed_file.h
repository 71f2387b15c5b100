// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A file of weights that are packed already, beside a model: loading maps it, and copies none of
// them. The price: a model runs on the file itself, and its first pass reads the pages. Whoever
// writes into it changes the answers of models that run, and whoever cuts it makes them end by
// SIGBUS. pack_model() and a rename replace the file, and leave running models the old one;
// LoadMode::read takes a copy.
//
// It is a safetensors file, so written that every tensor begins at a multiple of 64 bytes. A weight
// NAME, as layers call it, is "NAME.panels", with "NAME.scales" and "NAME.sums" where its type has
// them (PackedLinear::Values); those of a head are "head:NAME". Metadata: `format`, `version` of
// the layout, `byte_order`, `compute`, the `head` that was packed, and for each "NAME.panels" a
// fingerprint of the weights that it was made of: their types, their shapes, and their bytes, all
// of a tensor of at most 1 MiB, else 64 of every 256 KiB and the last 64. A value that was edited
// between two samples does not show, nor does damage to the packed bytes: check_packed() finds
// both.
//
// Biases, norms and embeddings are not in it, nor position tables of DeBERTa and the modules that
// sentence-transformers puts after a model. Convolutions turn their weights to compare them.
//
// All instruction sets share one layout, so the file may go where the model goes.
#pragma once

#include <filesystem>
#include <string>

#include "attend/core/export.h"
#include "attend/model/model.h"
#include "attend/ops/compute_type.h"

namespace attend {

/// What load_model() looks for in a model's folder: "attend.bf16.packed". Whoever takes every
/// *.safetensors and *.bin for weights leaves it alone.
[[nodiscard]] ATTEND_EXPORT std::string packed_file_name(ComputeType compute);

/// Packs the weights of a model for options.compute and writes them to `file`, which no reader
/// ever sees by half. One of packed weights that is there is replaced, and nothing else is. A head
/// is packed with the rest: the one that `options` name, else that of config.json; models that are
/// loaded with another one take theirs from the checkpoint. Throws: as load_model() and
/// write_safetensors(); access_denied (a file of another kind, a part of the checkpoint).
ATTEND_EXPORT void pack_model(const std::filesystem::path& folder, const ModelOptions& options,
                              const std::filesystem::path& file);

/// Packs the weights again and compares every byte with the file that load_model() would take.
/// Throws: as load_model(); file_not_found (no such file), weight_value (a tensor that differs).
ATTEND_EXPORT void check_packed(const std::filesystem::path& folder,
                                const ModelOptions& options = {});

}  // namespace attend

// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A file of weights that are packed already, beside a model: loading maps it, and copies nothing.
//
// It is a safetensors file, so written that every tensor begins at a multiple of 64 bytes. A weight
// NAME, as layers call it, is "NAME.panels", with "NAME.scales" and "NAME.sums" where its type has
// them (PackedLinear::Values); those of a head are "head:NAME". Metadata: `format`, `version` of
// the layout, `compute`, the `head` that was packed, and for each "NAME.panels" a fingerprint of
// the weights that it was made of: their types, their shapes, and of each the first and the last 64
// bytes and 64 of every MiB. Training changes all of a weight, so that shows; a single value that
// was edited between two samples does not.
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
/// ever sees by half; one that is there is replaced. A head is packed with the rest: the one that
/// `options` name, else that of config.json; models that are loaded with another one take theirs
/// from the checkpoint. Throws: as load_model() and write_safetensors().
ATTEND_EXPORT void pack_model(const std::filesystem::path& folder, const ModelOptions& options,
                              const std::filesystem::path& file);

}  // namespace attend

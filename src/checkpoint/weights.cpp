// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Our names to theirs, shape checks, and the report of what is missing or left over.
#include "attend/checkpoint/weights.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <utility>

#include "attend/core/error.h"
#include "checkpoint/tensor_name.h"

namespace attend {
namespace {

// What stands for digits in a pattern: "{i}" before "{j}".
constexpr std::array<std::string_view, 2> placeholders = {"{i}", "{j}"};
using Indices = std::array<std::string_view, placeholders.size()>;

// Whether `name` is `pattern` with digits for its placeholders; those digits go to `indices`.
bool matches(std::string_view pattern, std::string_view name, Indices& indices) {
  for (std::size_t i = 0; i < placeholders.size(); ++i) {
    const std::size_t at = pattern.find(placeholders[i]);
    if (at == std::string_view::npos) break;
    if (!name.starts_with(pattern.substr(0, at))) return false;
    pattern.remove_prefix(at + placeholders[i].size());
    name.remove_prefix(at);
    const std::size_t digits = std::min(name.find_first_not_of("0123456789"), name.size());
    if (digits == 0) return false;
    indices[i] = name.substr(0, digits);
    name.remove_prefix(digits);
  }
  return pattern == name;
}

std::string fill_in(std::string_view pattern, const Indices& indices) {
  std::string out(pattern);
  for (std::size_t i = 0; i < placeholders.size(); ++i) {
    const std::size_t at = out.find(placeholders[i]);
    if (at != std::string::npos) out.replace(at, placeholders[i].size(), indices[i]);
  }
  return out;
}

// Calls f with every part of "a|b|c".
template <class F>
void for_each_alternative(std::string_view names, const F& f) {
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = names.find('|');
    f(names.substr(0, end));
    if (end != std::string_view::npos) names.remove_prefix(end + 1);
  }
}

// Edit distance (Levenshtein 1966), a row at a time.
std::size_t distance(std::string_view a, std::string_view b, std::vector<std::size_t>& row) {
  row.resize(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

// "the nearest names are ..." for a name that is not there.
std::string nearest_names(std::string_view wanted, const std::vector<std::string_view>& names) {
  constexpr std::size_t shown = 3;
  constexpr std::size_t max_work = 20'000'000;  // cells: well below a second, whatever the file has
  std::vector<std::pair<std::size_t, std::string_view>> found;
  std::vector<std::size_t> row;
  std::size_t work = 0;
  for (const std::string_view name : names) {
    work += wanted.size() * name.size();
    if (work > max_work) break;
    found.emplace_back(distance(wanted, name, row), name);
  }
  if (found.empty()) return "the checkpoint has no tensors";
  const std::size_t count = std::min(shown, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<Index>(count), found.end());
  std::string out = "the nearest names are ";
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) out += ", ";
    out += quote(found[i].second);
  }
  return out;
}

bool is_float(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f16 || dtype == DType::bf16 || dtype == DType::f64;
}

}  // namespace

struct Weights::Implementation {
  struct Found {
    std::string name;
    Checkpoint::Entry entry;
  };

  std::shared_ptr<const Checkpoint> checkpoint;
  NameTable table;
  WeightValues values;
  std::string_view prefix;
  std::vector<std::string_view> names;
  std::set<std::string, std::less<>> used;
  std::vector<std::string_view> ignored;

  [[nodiscard]] StoredOrder order_of(std::string_view ours) const {
    const std::string_view layer = ours.substr(0, ours.rfind('.'));
    for (const Rename& rename : table.renames) {
      Indices indices;
      if (matches(rename.ours, layer, indices)) return rename.order;
    }
    return StoredOrder::rows;
  }

  // The names under which a checkpoint may hold one of ours, the usual one first.
  [[nodiscard]] std::vector<std::string> candidates(std::string_view ours) const {
    std::vector<std::string> out;
    const std::size_t dot = std::min(ours.rfind('.'), ours.size());
    const std::string_view suffix = ours.substr(dot);
    for (const Rename& rename : table.renames) {
      Indices indices;
      const bool is_whole = matches(rename.ours, ours, indices);
      if (!is_whole && !matches(rename.ours, ours.substr(0, dot), indices)) continue;
      for_each_alternative(rename.theirs, [&](std::string_view theirs) {
        const bool absolute = theirs.starts_with('/');
        std::string stem = (absolute ? std::string() : std::string(prefix)) +
                           fill_in(theirs.substr(absolute ? 1 : 0), indices);
        if (is_whole) {
          out.push_back(std::move(stem));
          return;
        }
        out.push_back(stem + std::string(suffix));
        // LayerNorm parameters of checkpoints that were converted from TensorFlow.
        if (suffix == ".weight") out.push_back(stem + ".gamma");
        if (suffix == ".bias") out.push_back(stem + ".beta");
      });
    }
    if (out.empty()) {
      fail(ErrorKind::internal, {.where = "load_model",
                                 .what = "weight " + quote(ours),
                                 .expected = "a name in the architecture's table",
                                 .found = "none"});
    }
    return out;
  }

  [[nodiscard]] std::optional<Found> find(std::string_view ours) const {
    for (std::string& name : candidates(ours)) {
      if (auto entry = checkpoint->find(name)) return Found{std::move(name), std::move(*entry)};
    }
    return std::nullopt;
  }

  // `theirs` are the names that would have done; those of TensorFlow, never the first, are not
  // shown.
  [[noreturn]] void fail_missing(const std::vector<std::string>& theirs, const Shape& shape) const {
    std::string list;
    for (const std::string& name : theirs) {
      const bool is_old = name.ends_with(".gamma") || name.ends_with(".beta");
      if (is_old && name != theirs.front()) continue;
      list += (list.empty() ? "" : " or ") + quote(std::string_view(name));
    }
    fail(ErrorKind::weight_missing, {.where = "load_model",
                                     .what = "tensor " + list,
                                     .expected = shape.to_string(),
                                     .found = "no such tensor",
                                     .file = checkpoint->name(),
                                     .hint = nearest_names(theirs.front(), names)});
  }

  // A tensor of the shape that is asked for, marked as used.
  [[nodiscard]] Found require(std::string_view ours, const Shape& shape) {
    auto found = find(ours);
    if (!found) fail_missing(candidates(ours), shape);
    if (found->entry.tensor.shape != shape) fail_shape(*found, shape.to_string());
    used.insert(found->name);
    return std::move(*found);
  }

  [[noreturn]] static void fail_shape(const Found& found, std::string expected) {
    fail(ErrorKind::weight_shape, {.where = "load_model",
                                   .what = tensor_called(found.name),
                                   .expected = std::move(expected),
                                   .found = found.entry.tensor.shape.to_string(),
                                   .file = found.entry.file,
                                   .hint = "is config.json from another checkpoint?"});
  }

  [[noreturn]] static void fail_type(const Found& found, std::string expected) {
    fail(ErrorKind::unsupported, {.where = "load_model",
                                  .what = tensor_called(found.name),
                                  .expected = std::move(expected),
                                  .found = std::string(attend::name(found.entry.tensor.dtype)),
                                  .file = found.entry.file});
  }

  // The scales of an int8 matrix, one a row: "x.weight_scale" beside "x.weight" (compressed-tensors
  // 0.9, strategy "channel").
  [[nodiscard]] TensorRef require_scales(const std::string& name, Index rows) {
    const std::string scale_name = name + "_scale";
    auto entry = checkpoint->find(scale_name);
    if (!entry) fail_missing({scale_name}, {rows, 1});
    const Found found{scale_name, *entry};
    const TensorRef& scales = entry->tensor;
    if (scales.shape != Shape{rows} && scales.shape != Shape{rows, 1}) {
      fail_shape(found, Shape{rows, 1}.to_string());
    }
    if (!is_float(scales.dtype)) fail_type(found, "scales of F32, F16, BF16 or F64");
    used.insert(scale_name);
    return {scales.dtype, Shape{rows}, scales.bytes};
  }

  [[nodiscard]] bool is_ignored(std::string_view name) const {
    constexpr std::string_view scale = ".weight_scale";
    if (name.ends_with(scale))
      name.remove_suffix(scale.size() - std::string_view(".weight").size());
    const auto fits = [&](std::string_view whole) {
      return std::any_of(ignored.begin(), ignored.end(), [&](std::string_view pattern) {
        Indices indices;
        if (!pattern.ends_with('*')) return matches(pattern, whole, indices);
        return whole.starts_with(pattern.substr(0, pattern.size() - 1));
      });
    };
    return fits(name) ||
           std::any_of(table.prefixes.begin(), table.prefixes.end(), [&](std::string_view p) {
             return name.starts_with(p) && fits(name.substr(p.size()));
           });
  }
};

Weights::Weights(std::shared_ptr<const Checkpoint> checkpoint, const NameTable& table,
                 WeightValues values)
    : implementation_(std::make_unique<Implementation>()) {
  implementation_->names = checkpoint->names();
  implementation_->checkpoint = std::move(checkpoint);
  implementation_->table = table;
  implementation_->ignored.assign(table.ignored.begin(), table.ignored.end());
  implementation_->values = values;
  const auto& names = implementation_->names;
  const auto taken =
      std::find_if(table.prefixes.begin(), table.prefixes.end(), [&](std::string_view prefix) {
        return std::any_of(names.begin(), names.end(),
                           [&](std::string_view name) { return name.starts_with(prefix); });
      });
  if (taken != table.prefixes.end()) implementation_->prefix = *taken;
}

Weights::~Weights() = default;
Weights::Weights(Weights&&) noexcept = default;

WeightValues Weights::mode() const noexcept { return implementation_->values; }

bool Weights::has(std::string_view name) const { return implementation_->find(name).has_value(); }

StoredWeight Weights::matrix(std::string_view name, Index rows, Index cols) {
  const StoredOrder order = implementation_->order_of(name);
  const bool by_rows = order == StoredOrder::rows;
  const auto found =
      implementation_->require(name, by_rows ? Shape{rows, cols} : Shape{cols, rows});
  StoredWeight out{.values = found.entry.tensor, .order = order};
  if (found.entry.tensor.dtype == DType::i8 && by_rows) {
    out.row_scales = implementation_->require_scales(found.name, rows);
  } else if (!is_float(found.entry.tensor.dtype)) {
    Implementation::fail_type(
        found, by_rows ? "F32, F16, BF16, F64, or I8 with scales" : "F32, F16, BF16 or F64");
  }
  if (mode() == WeightValues::absent) {
    out.values.bytes = nullptr;
    out.row_scales.reset();
  }
  return out;
}

StoredWeight Weights::tensor(std::string_view name, const Shape& shape) {
  const auto found = implementation_->require(name, shape);
  TensorRef tensor = found.entry.tensor;
  if (!is_float(tensor.dtype)) Implementation::fail_type(found, "F32, F16, BF16 or F64");
  if (mode() == WeightValues::absent) tensor.bytes = nullptr;
  return {tensor};
}

std::vector<float> Weights::values(std::string_view name, const Shape& shape) {
  const StoredWeight stored = tensor(name, shape);
  std::vector<float> out(static_cast<std::size_t>(shape.count()));
  if (mode() == WeightValues::absent) return out;
  to_float(stored.values.dtype, stored.values.bytes, out);
  release(stored);
  return out;
}

void Weights::release(const StoredWeight& weight) const noexcept {
  implementation_->checkpoint->release({weight.values.bytes, weight.values.size_bytes()});
}

std::vector<float> Weights::vector(std::string_view name, Index size) {
  return values(name, {size});
}

void Weights::ignore(std::string_view pattern) { implementation_->ignored.push_back(pattern); }

void Weights::finish(ExtraTensors extra) const {
  if (extra == ExtraTensors::ignore) return;
  constexpr std::size_t shown = 5;
  std::string list;
  std::size_t count = 0;
  for (const std::string_view name : implementation_->names) {
    if (implementation_->used.contains(name) || implementation_->is_ignored(name)) continue;
    if (++count > shown) continue;
    if (count > 1) list += ", ";
    list += quote(name);
  }
  if (count == 0) return;
  if (count > shown) list += " and " + std::to_string(count - shown) + " more";
  fail(ErrorKind::weight_shape, {.where = "load_model",
                                 .what = "tensors that this architecture does not have",
                                 .expected = "none",
                                 .found = list,
                                 .file = implementation_->checkpoint->name(),
                                 .hint = "is config.json from another checkpoint? If not, "
                                         "ModelOptions::extra_tensors (--ignore-extra-tensors) "
                                         "loads the model without them"});
}

}  // namespace attend

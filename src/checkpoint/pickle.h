// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A pickle as data: its opcodes build values, and nothing is ever called. What Python would import
// must be on the reader's list; what Python would call stays the name and its arguments.
// Source: CPython 3.12, Lib/pickletools.py (the opcodes of protocols 2 to 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace attend {

/// One value: 16 bytes, whatever it holds; the document has the rest.
struct PickleValue {
  enum class Type : std::uint8_t {
    none,
    boolean,
    integer,
    number,
    text,
    tuple,
    list,  // its elements are not kept
    dict,
    dict_class,  // collections.OrderedDict itself
    global,      // an entry of PickleSource::globals
    call,        // elements: the global, its arguments (a tuple)
    persistent,  // elements: of the tuple that names what lies outside of the pickle
  };

  Type type = Type::none;
  std::uint32_t size = 0;  ///< bytes of a text, elements
  std::uint64_t bits = 0;  ///< the value, its place in the document, or the index of a global
};

/// "a dict", "text" ... for messages.
[[nodiscard]] std::string_view name(PickleValue::Type type) noexcept;

struct PickleSource {
  std::string_view where;                     ///< the public operation, for messages
  std::string_view file;                      ///< for messages
  std::span<const std::string_view> globals;  ///< "torch.FloatStorage": what may be named
};

/// The result of a pickle. Texts point into its bytes. A value may stand in many places, and a
/// dict even in itself: look no deeper than what you know.
class PickleDocument {
 public:
  using Items = std::vector<std::pair<PickleValue, PickleValue>>;

  [[nodiscard]] const PickleValue& root() const noexcept { return root_; }
  /// Requires a text.
  [[nodiscard]] std::string_view text(const PickleValue& value) const noexcept {
    return bytes_.substr(static_cast<std::size_t>(value.bits), value.size);
  }
  /// Requires a tuple, a call or a persistent.
  [[nodiscard]] std::span<const PickleValue> elements(const PickleValue& value) const noexcept {
    return std::span(elements_).subspan(static_cast<std::size_t>(value.bits), value.size);
  }
  /// Keys and values of a dict in the order of the pickle, keys that stand twice twice. Takes time
  /// for the items of all dicts.
  [[nodiscard]] Items items(const PickleValue& dict) const;
  [[nodiscard]] bool is_empty(const PickleValue& dict) const noexcept {
    return dict_sizes_[static_cast<std::size_t>(dict.bits)] == 0;
  }

 private:
  friend class PickleMachine;
  struct Item {
    std::uint64_t dict;
    PickleValue key;
    PickleValue value;
  };

  std::string_view bytes_;
  PickleValue root_;
  std::vector<PickleValue> elements_;      // of tuples, calls and persistents, one after the other
  std::vector<Item> items_;                // of all dicts
  std::vector<std::uint32_t> dict_sizes_;  // items by dict
};

/// Memory and time are linear in the bytes: an opcode makes one value at most. `bytes` must outlive
/// the result.
/// Throws: invalid_format; unsupported (an opcode that tensors do not need, or a global that is not
/// listed); resource_limit.
[[nodiscard]] PickleDocument read_pickle(std::string_view bytes, const PickleSource& source);

}  // namespace attend

// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// A token that is found in a text as it is, and one that is to be added, by a file or by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace attend {

struct AddedToken {
  std::string content;
  bool single_word = false;  ///< only where no word character touches it
  bool lstrip = false;       ///< takes the white space before it, too
  bool rstrip = false;       ///< takes the white space behind it, too
  bool normalized = true;    ///< looked for in the normalized text, in its normalized form
  bool special = false;      ///< left out by decode(skip_special_tokens)

  friend bool operator==(const AddedToken&, const AddedToken&) = default;
};

/// What a special token is for, in the order in which transformers adds them.
enum class SpecialRole : std::uint8_t { bos, eos, unk, sep, pad, cls, mask };

/// A token that is to be added, as AddedToken of Python.
struct NewToken {
  std::string content;
  bool single_word = false;  ///< the flags of AddedToken
  bool lstrip = false;
  bool rstrip = false;
  std::optional<bool> normalized = {};  ///< the opposite of special when absent
  bool special = false;
  /// The tokenizer has the token in this role from now on. Then it is special, too.
  std::optional<SpecialRole> role = {};

  [[nodiscard]] AddedToken added() const {
    return {.content = content,
            .single_word = single_word,
            .lstrip = lstrip,
            .rstrip = rstrip,
            .normalized = normalized.value_or(!special),
            .special = special};
  }
  /// As a special token, whatever it says itself.
  [[nodiscard]] AddedToken added_as_special() const {
    NewToken copy = *this;
    copy.special = true;
    return copy.added();
  }
  friend bool operator==(const NewToken&, const NewToken&) = default;
};

}  // namespace attend

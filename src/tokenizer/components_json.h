// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What readers of tokenizer.json's components share: the table of type names, and values that
// several components have.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "attend/text/normalizer.h"
#include "attend/text/pre_tokenizer.h"
#include "attend/text/regex.h"
#include "checkpoint/checked_json.h"

namespace attend {

template <class Read>
struct ComponentType {
  std::string_view name;
  Read read;
};

/// The reader for the component's "type". The reference takes a dozen components without one, too
/// (BertNormalizer, Strip, Replace, Prepend, a Sequence of normalizers, and some post-processors
/// and decoders); no published file that we know leaves it out, and here that is an error.
template <class Read>
[[nodiscard]] Read find_reader(std::span<const ComponentType<Read>> types,
                               const JsonField& component) {
  const JsonField type = component.at("type");
  for (const auto& [name, read] : types) {
    if (name == type.string()) return read;
  }
  std::string known;
  for (const auto& entry : types) {
    if (!known.empty()) known += ", ";
    known += entry.name;
  }
  type.reject(ErrorKind::unsupported, "one of " + known,
              "is the file of a newer version of tokenizers?");
}

/// Throws resource_limit when a component has more steps than any sane one.
void check_count(const JsonField& field, const char* what, std::size_t count);
/// A string of one code point.
[[nodiscard]] char32_t read_character(const JsonField& field);
[[nodiscard]] Regex read_regex(const JsonField& field);
/// "pattern" of a component: {"String": ...} or {"Regex": ...}.
using Pattern = std::variant<std::string, Regex>;
[[nodiscard]] Pattern read_pattern(const JsonField& field);
/// Replace, which both normalizers and decoders have.
template <class Step>
void add_replace(const JsonField& field, std::vector<Step>& steps) {
  Pattern pattern = read_pattern(field);
  const std::string& content = field.at("content").string();
  if (auto* regex = std::get_if<Regex>(&pattern)) {
    steps.emplace_back(ReplaceRegex{std::move(*regex), content});
  } else {
    steps.emplace_back(ReplaceText{std::get<std::string>(std::move(pattern)), content});
  }
}
/// "prepend_scheme" of a Metaspace, beside the older "add_prefix_space".
[[nodiscard]] PrependScheme read_prepend_scheme(const JsonField& field);

}  // namespace attend

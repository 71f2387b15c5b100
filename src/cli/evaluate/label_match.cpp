// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Names first, then ids, never a mixture: labels that happen to look right must not be counted.
#include "cli/evaluate/label_match.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "cli/command.h"

namespace attend::cli {
namespace {

std::string mapped(std::string_view label, const LabelMap& map, LabelForm form) {
  if (const auto whole = map.find(label); whole != map.end()) return whole->second;
  if (form == LabelForm::whole) return std::string(label);
  const std::string_view type = type_of_tag(label);
  const auto of_type = map.find(type);
  if (of_type == map.end()) return std::string(label);
  return std::string(label.substr(0, label.size() - type.size())) + of_type->second;
}

std::optional<std::size_t> parse_id(std::string_view text, std::size_t count) {
  std::size_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && id < count ? std::optional(id) : std::nullopt;
}

template <class Names>
std::string listed(const Names& names) {
  constexpr std::size_t shown = 40;
  std::string all;
  std::size_t count = 0;
  for (const auto& name : names) {
    if (count == shown) return all + ", ... (" + std::to_string(names.size()) + ")";
    all += (count++ == 0 ? "" : ", ") + quote(name);
  }
  return all;
}

}  // namespace

LabelMap parse_label_map(const std::vector<std::string>& words) {
  LabelMap map;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == word.size()) {
      throw UsageError("--label-map: expected LABEL=NAME, such as 1=POSITIVE, found " +
                       quote(word));
    }
    if (!map.emplace(word.substr(0, equals), word.substr(equals + 1)).second) {
      throw UsageError("--label-map: " + quote(word.substr(0, equals)) + " is given twice");
    }
  }
  return map;
}

std::string_view type_of_tag(std::string_view tag) {
  constexpr std::string_view prefixes = "BIES";
  const bool prefixed =
      tag.size() > 2 && tag[1] == '-' && prefixes.find(tag.front()) != std::string_view::npos;
  return prefixed ? tag.substr(2) : tag;
}

LabelMap match_labels(const std::set<std::string_view>& found, const LabelMap& map,
                      std::span<const std::string> known, LabelForm form) {
  std::set<std::string, std::less<>> names(known.begin(), known.end());
  std::set<std::string_view> types;  // IOB1 and IOB2 may meet: the prefix need not be the same
  if (form == LabelForm::tags) {
    names.insert("O");
    for (const std::string& label : known) {
      if (type_of_tag(label) != label) types.insert(type_of_tag(label));
    }
  }
  LabelMap by_name;
  LabelMap by_id;
  for (const std::string_view label : found) {
    std::string name = mapped(label, map, form);
    const std::string_view type = type_of_tag(name);
    const bool is_name = names.contains(name) || (type != name && types.contains(type));
    if (const auto id = parse_id(name, known.size())) by_id.emplace(label, known[*id]);
    if (is_name) by_name.emplace(label, std::move(name));
  }
  if (by_name.size() == found.size()) return by_name;
  if (by_id.size() == found.size()) return by_id;
  throw FileError(Error(ErrorKind::config_error,
                        {.where = "evaluate",
                         .what = "labels of the data",
                         .expected = "those of the model (" + listed(known) + ") or their ids",
                         .found = listed(found),
                         .hint = "--label-map LABEL=NAME,... translates them"}));
}

}  // namespace attend::cli

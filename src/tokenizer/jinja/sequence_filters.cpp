// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Filters of lists and dicts as wholes. Source: filters.py of Jinja 3.1. What is a generator there
// is one here: it does its work when it is gone through, and once.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "tokenizer/jinja/attribute_path.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/function.h"
#include "tokenizer/jinja/operators.h"
#include "tokenizer/jinja/text_buffer.h"

namespace attend::jinja {
namespace {

Value length(Runtime&, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "length");
  const auto count = length_of(value);
  if (!count) raise("object of type '" + std::string(type_name(value)) + "' has no len()");
  return Value(*count);
}

Value list(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "list");
  return runtime.list(items_of(runtime, value));
}

Value first(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "first");
  Value out;
  if (iterate(runtime, value)->next(runtime, out)) return out;
  return runtime.undefined("No first item, sequence was empty.");
}

std::shared_ptr<Iterator> reversed(Runtime& runtime, const Value& value) {
  auto out = iterate_reversed(runtime, value);
  if (out == nullptr) raise_type(value, "is not reversible");
  return out;
}

Value last(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "last");
  Value out;
  if (reversed(runtime, value)->next(runtime, out)) return out;
  return runtime.undefined("No last item, sequence was empty.");
}

Value join(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "join", {"d", "attribute"});
  const std::string between = given.has(0) ? to_text(runtime, given.at(0)) : std::string();
  const AttributePath path(runtime, given.at(1));
  const auto iterator = iterate(runtime, value);
  TextBuffer out(runtime.meter);
  bool is_first = true;
  for (Value item; iterator->next(runtime, item);) {
    if (!is_first) out.add(between);
    is_first = false;
    out.add(to_text(runtime, path.of(runtime, item)));
  }
  return runtime.text(out.take());
}

Value reverse(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "reverse");
  if (value.is_text()) {
    return slice(runtime, value, {Value(), Value(), Value(std::int64_t{-1})});
  }
  if (auto iterator = iterate_reversed(runtime, value)) return {Type::iterator, iterator};
  if (!is_iterable(value)) raise("argument must be iterable");
  Items items = items_of(runtime, value);
  std::reverse(items.begin(), items.end());
  return runtime.list(std::move(items));
}

// Stable, in either direction. `keys` stand beside the items.
Items sorted(Runtime& runtime, Items items, const Items& keys, bool is_reversed) {
  std::vector<std::size_t> order(items.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto before = [&](std::size_t a, std::size_t b) {
    return is_reversed ? is_less(runtime, keys[b], keys[a]) : is_less(runtime, keys[a], keys[b]);
  };
  std::stable_sort(order.begin(), order.end(), before);
  Items out;
  out.reserve(items.size());
  for (const std::size_t i : order) out.push_back(std::move(items[i]));
  return out;
}

Value sort(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "sort", {"reverse", "case_sensitive", "attribute"});
  const bool keeps_case = given.flag(runtime, 1);
  const std::vector<AttributePath> paths = attribute_paths(runtime, given.at(2));
  Items items = items_of(runtime, value);
  Items keys;
  for (const Value& item : items) {
    Items parts;
    for (const AttributePath& path : paths) {
      Value part = path.of(runtime, item);
      parts.push_back(keeps_case ? part : without_case(runtime, part));
    }
    keys.push_back(runtime.list(std::move(parts)));
  }
  return runtime.list(sorted(runtime, std::move(items), keys, given.flag(runtime, 0)));
}

Value dict_items(Runtime& runtime, const Value& value, std::string_view filter) {
  if (!value.is(Type::dict)) raise_type(value, "has no items to " + std::string(filter));
  return {Type::view, make<View>(runtime.meter, 0, value.pointer(), DictPart::items)};
}

Value dict_sort(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "dictsort", {"case_sensitive", "by", "reverse"});
  const std::string_view by = given.text(1, "key");
  if (by != "key" && by != "value")
    raise("dictsort: you can only sort by either \"key\" or \"value\"");
  Items items = items_of(runtime, dict_items(runtime, value, "sort"));
  Items keys;
  for (const Value& item : items) {
    const Value& key = item.items()[by == "key" ? 0 : 1];
    keys.push_back(given.flag(runtime, 0) ? key : without_case(runtime, key));
  }
  return runtime.list(sorted(runtime, std::move(items), keys, given.flag(runtime, 2)));
}

Value items(Runtime& runtime, const Value& value, Arguments& arguments) {
  take_no_arguments(arguments, "items");
  return runtime.generator(value, [value, at = std::size_t{0}](Runtime& in, Value& out) mutable {
    if (value.is_undefined()) return false;
    if (!value.is(Type::dict)) raise("Can only get item pairs from a mapping.");
    const auto& entries = value.dict().entries;
    if (at == entries.size()) return false;
    out = in.tuple({entries[at].first, entries[at].second});
    ++at;
    return true;
  });
}

Value unique(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "unique", {"case_sensitive", "attribute"});
  const bool keeps_case = given.flag(runtime, 0);
  const AttributePath path(runtime, given.at(1));
  const auto seen = make<Dict>(runtime.meter, 0);
  std::shared_ptr<Iterator> all;
  return runtime.generator(value, [=](Runtime& in, Value& out) mutable {
    if (!all) all = iterate(in, value);
    for (Value item; all->next(in, item);) {
      Value key = path.of(in, item);
      if (!keeps_case) key = without_case(in, key);
      const std::size_t before = seen->entries.size();
      seen->set(in.meter, key, Value());
      if (seen->entries.size() == before) continue;
      seen->count(in.meter, 2 * sizeof(Value) + 64);
      out = std::move(item);
      return true;
    }
    return false;
  });
}

template <bool wants_least>
Value extreme(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, wants_least ? "min" : "max", {"case_sensitive", "attribute"});
  const bool keeps_case = given.flag(runtime, 0);
  const AttributePath path(runtime, given.at(1));
  const auto key_of = [&](const Value& item) {
    const Value key = path.of(runtime, item);
    return keeps_case ? key : without_case(runtime, key);
  };
  const auto iterator = iterate(runtime, value);
  Value best;
  if (!iterator->next(runtime, best)) {
    return runtime.undefined("No aggregated item, sequence was empty.");
  }
  Value best_key = key_of(best);
  for (Value item; iterator->next(runtime, item);) {
    Value key = key_of(item);
    const bool is_better =
        wants_least ? is_less(runtime, key, best_key) : is_less(runtime, best_key, key);
    if (!is_better) continue;
    best = std::move(item);
    best_key = std::move(key);
  }
  return best;
}

Value sum(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "sum", {"attribute", "start"});
  const AttributePath path(runtime, given.at(0));
  Value total = given.has(1) ? given.at(1) : Value(std::int64_t{0});
  const auto iterator = iterate(runtime, value);
  if (total.is_text()) raise("sum() can't sum strings [use ''.join(seq) instead]");
  for (Value item; iterator->next(runtime, item);) {
    total = calculate(runtime, Operator::add, total, path.of(runtime, item));
  }
  return total;
}

Value batch(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "batch", {"linecount", "fill_with"}, 1);
  const std::int64_t count = given.integer(0, 1);
  const Value filler = given.at(1);
  std::shared_ptr<Iterator> all;
  return runtime.generator(value, [=](Runtime& in, Value& out) mutable {
    if (!all) all = iterate(in, value);
    Items row;
    for (Value item; static_cast<std::int64_t>(row.size()) < std::max<std::int64_t>(count, 1);) {
      if (!all->next(in, item)) break;
      if (row.size() == row.capacity()) in.meter.check_room(2 * row.size() * sizeof(Value));
      row.push_back(std::move(item));
    }
    if (row.empty()) return false;
    if (!filler.is_none() && static_cast<std::int64_t>(row.size()) < count) {
      in.meter.check_room(static_cast<std::size_t>(count) * sizeof(Value));
      row.resize(static_cast<std::size_t>(count), filler);
    }
    out = in.list(std::move(row));
    return true;
  });
}

Value slices(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "slice", {"slices", "fill_with"}, 1);
  const std::int64_t count = given.integer(0, 1);
  const Value filler = given.at(1);
  std::optional<Value> list;
  return runtime.generator(value, [=, at = std::int64_t{0}](Runtime& in, Value& out) mutable {
    if (!list) list = in.list(items_of(in, value));
    if (count == 0) raise("integer division or modulo by zero");
    if (at >= count) return false;
    const Items& all = list->items();
    const auto size = static_cast<std::int64_t>(all.size());
    const std::int64_t width = size / count;
    const std::int64_t longer = size % count;
    const std::int64_t begin = at * width + std::min(at, longer);
    const std::int64_t end = begin + width + (at < longer ? 1 : 0);
    Items row(all.begin() + begin, all.begin() + end);
    if (!filler.is_none() && at >= longer) row.push_back(filler);
    ++at;
    out = in.list(std::move(row));
    return true;
  });
}

Value group_by(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Parameters given(arguments, "groupby", {"attribute", "default", "case_sensitive"}, 1);
  const bool keeps_case = given.flag(runtime, 2);
  const AttributePath path(runtime, given.at(0), given.at(1));
  Items all = items_of(runtime, value);
  Items keys;
  const auto key_of = [&](const Value& item) {
    const Value key = path.of(runtime, item);
    return keeps_case ? key : without_case(runtime, key);
  };
  for (const Value& item : all) keys.push_back(key_of(item));
  all = sorted(runtime, std::move(all), keys, false);
  Items groups;
  for (std::size_t begin = 0; begin < all.size();) {
    const Value key = key_of(all[begin]);
    std::size_t end = begin + 1;
    while (end < all.size() && equals(runtime, key, key_of(all[end]))) ++end;
    Items members(all.begin() + static_cast<std::ptrdiff_t>(begin),
                  all.begin() + static_cast<std::ptrdiff_t>(end));
    groups.push_back(runtime.group(path.of(runtime, all[begin]), runtime.list(std::move(members))));
    begin = end;
  }
  return runtime.list(std::move(groups));
}

constexpr std::array<NamedFunction, 17> sequence_filter_table{{{"length", length},
                                                               {"count", length},
                                                               {"list", list},
                                                               {"first", first},
                                                               {"last", last},
                                                               {"join", join},
                                                               {"reverse", reverse},
                                                               {"sort", sort},
                                                               {"dictsort", dict_sort},
                                                               {"items", items},
                                                               {"unique", unique},
                                                               {"min", extreme<true>},
                                                               {"max", extreme<false>},
                                                               {"sum", sum},
                                                               {"batch", batch},
                                                               {"slice", slices},
                                                               {"groupby", group_by}}};

}  // namespace

std::span<const NamedFunction> sequence_filters() noexcept { return sequence_filter_table; }

}  // namespace attend::jinja

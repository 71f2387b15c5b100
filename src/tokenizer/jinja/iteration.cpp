// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Going through values, forwards and backwards; how many there are, and which.
#include <algorithm>
#include <utility>

#include "attend/text/utf8.h"
#include "tokenizer/jinja/characters.h"
#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/loop.h"
#include "tokenizer/jinja/runtime.h"

namespace attend::jinja {
namespace {

enum class Direction : bool { forwards, backwards };

// What has a number for each of its items.
struct Indexed : Iterator {
  Indexed(Value values, std::size_t number, Direction way)
      : source(std::move(values)), size(number), direction(way) {
    depth = Runtime::deeper(source.depth());
  }
  bool next(Runtime& runtime, Value& out) override {
    if (at == size) return false;
    runtime.meter.step();
    out = item(runtime, direction == Direction::forwards ? at : size - 1 - at);
    ++at;
    return true;
  }

  [[nodiscard]] Value item(Runtime& runtime, std::size_t index) const {
    switch (source.type()) {
      case Type::range: return source.object<Range>().at(static_cast<std::int64_t>(index));
      case Type::dict: return source.dict().entries[index].first;
      case Type::view: {
        const View& view = source.object<View>();
        const auto& [key, value] = view.dict().entries[index];
        if (view.part == DictPart::keys) return key;
        return view.part == DictPart::values ? value : runtime.tuple({key, value});
      }
      default: return source.items()[index];
    }
  }

  Value source;
  std::size_t size;
  Direction direction;
  std::size_t at = 0;
};

struct Characters : Iterator {
  Characters(Value text, Direction way) : source(std::move(text)), direction(way) {
    depth = 1;
    if (direction == Direction::backwards) at = source.view().size();
  }
  bool next(Runtime& runtime, Value& out) override {
    const std::string_view text = source.view();
    std::size_t begin = at;
    if (direction == Direction::forwards) {
      if (at == text.size()) return false;
      at += static_cast<std::size_t>(decode_utf8(text.substr(at)).length);
    } else {
      if (at == 0) return false;
      do --begin;
      while ((static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80U);
      std::swap(begin, at);
    }
    const auto [low, high] = std::minmax(begin, at);
    out = runtime.text(text.substr(low, high - low));  // of markup, too
    return true;
  }

  Value source;
  Direction direction;
  std::size_t at = 0;
};

std::shared_ptr<Iterator> iterate(Runtime& runtime, const Value& value, Direction direction) {
  switch (value.type()) {
    case Type::text: return make<Characters>(runtime.meter, 0, value, direction);
    case Type::list:
    case Type::tuple:
    case Type::dict:
    case Type::range:
    case Type::view:
      return make<Indexed>(runtime.meter, 0, value, static_cast<std::size_t>(*length_of(value)),
                           direction);
    case Type::undefined: {
      const Value nothing = runtime.list({});
      return make<Indexed>(runtime.meter, 0, nothing, std::size_t{0}, direction);
    }
    default: return nullptr;
  }
}

}  // namespace

bool is_iterable(const Value& value) noexcept {
  switch (value.type()) {
    case Type::text:
    case Type::list:
    case Type::tuple:
    case Type::dict:
    case Type::range:
    case Type::view:
    case Type::undefined:
    case Type::iterator:
    case Type::loop: return true;
    default: return false;
  }
}

std::shared_ptr<Iterator> iterate(Runtime& runtime, const Value& value) {
  if (value.is(Type::iterator)) return std::static_pointer_cast<Iterator>(value.pointer());
  if (value.is(Type::loop)) {
    return std::static_pointer_cast<Iterator>(
        runtime
            .generator(value,
                       [loop = value](Runtime& in, Value& out) {
                         auto& context = loop.object<Loop>();
                         if (!context.advance(in)) return false;
                         out = in.tuple({context.current(), loop});
                         return true;
                       })
            .pointer());
  }
  auto iterator = iterate(runtime, value, Direction::forwards);
  if (iterator == nullptr) raise_type(value, "is not iterable");
  return iterator;
}

std::shared_ptr<Iterator> iterate_reversed(Runtime& runtime, const Value& value) {
  return iterate(runtime, value, Direction::backwards);
}

Items items_of(Runtime& runtime, const Value& value) {
  Items out;
  if (const auto length = length_of(value); length && !value.is(Type::loop)) {
    runtime.meter.check_room(static_cast<std::size_t>(*length) * sizeof(Value));
    out.reserve(static_cast<std::size_t>(*length));
  }
  const auto iterator = iterate(runtime, value);
  for (Value item; iterator->next(runtime, item);) {
    if (out.size() == out.capacity()) runtime.meter.check_room(2 * out.size() * sizeof(Value));
    out.push_back(std::move(item));
  }
  return out;
}

std::optional<std::int64_t> length_of(const Value& value) {
  const auto size = [](std::size_t count) { return static_cast<std::int64_t>(count); };
  switch (value.type()) {
    case Type::undefined: return 0;
    case Type::text: return size(value.text().characters);
    case Type::list:
    case Type::tuple: return size(value.items().size());
    case Type::dict: return size(value.dict().entries.size());
    case Type::range: return value.object<Range>().size();
    case Type::view: return size(value.object<View>().dict().entries.size());
    case Type::loop: return value.object<Loop>().known_length();
    default: return std::nullopt;
  }
}

bool contains(Runtime& runtime, const Value& container, const Value& value) {
  switch (container.type()) {
    case Type::text:
      if (!value.is_text()) {
        raise("'in <string>' requires string as left operand, not " +
              std::string(type_name(value)));
      }
      count_search(runtime.meter, container.view(), value.view());
      return find_text(container.view(), value.view()) != std::string_view::npos;
    case Type::dict: return container.dict().find_hashable(runtime.meter, value) != nullptr;
    case Type::space:
    case Type::none:
      raise("argument of type '" + std::string(type_name(container)) + "' is not iterable");
    default: break;
  }
  if (container.is(Type::view) && container.object<View>().part == DictPart::keys) {
    return container.object<View>().dict().find_hashable(runtime.meter, value) != nullptr;
  }
  if (!is_iterable(container)) {
    raise("argument of type '" + std::string(type_name(container)) + "' is not iterable");
  }
  const auto iterator = iterate(runtime, container);
  for (Value item; iterator->next(runtime, item);) {
    const bool is_same = item.pointer() != nullptr && item.pointer() == value.pointer();
    if (is_same || equals(runtime, item, value)) return true;
  }
  return false;
}

}  // namespace attend::jinja

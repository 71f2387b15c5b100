// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The machine that reads a pickle: a stack of values, marks in it, and a memo.
#include "checkpoint/pickle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string>

#include "attend/core/error.h"
#include "checkpoint/stored_bytes.h"
#include "core/limits.h"

namespace attend {
namespace {

using PickleType = PickleValue::Type;

constexpr std::string_view dict_class_name = "collections.OrderedDict";
constexpr std::size_t max_global_bytes = 256;

// The opcodes that a dict of tensors takes, whoever pickles it.
enum class Opcode : std::uint8_t {
  mark = '(',
  stop = '.',
  binint = 'J',
  binint1 = 'K',
  binint2 = 'M',
  none = 'N',
  binpersid = 'Q',
  reduce = 'R',
  binfloat = 'G',
  binunicode = 'X',
  empty_list = ']',
  append = 'a',
  build = 'b',
  global = 'c',
  appends = 'e',
  binget = 'h',
  long_binget = 'j',
  binput = 'q',
  long_binput = 'r',
  setitem = 's',
  tuple = 't',
  setitems = 'u',
  empty_tuple = ')',
  empty_dict = '}',
  proto = 0x80,
  tuple1 = 0x85,
  tuple2 = 0x86,
  tuple3 = 0x87,
  newtrue = 0x88,
  newfalse = 0x89,
  long1 = 0x8A,
  short_binunicode = 0x8C,
  binunicode8 = 0x8D,
  stack_global = 0x93,
  memoize = 0x94,
  frame = 0x95,
};

struct NamedOpcode {
  std::uint8_t code;
  std::string_view name;
};

// The others, for messages.
constexpr std::array refused{
    NamedOpcode{'0', "POP"},
    NamedOpcode{'1', "POP_MARK"},
    NamedOpcode{'2', "DUP"},
    NamedOpcode{'F', "FLOAT"},
    NamedOpcode{'I', "INT"},
    NamedOpcode{'L', "LONG"},
    NamedOpcode{'P', "PERSID"},
    NamedOpcode{'S', "STRING"},
    NamedOpcode{'T', "BINSTRING"},
    NamedOpcode{'U', "SHORT_BINSTRING"},
    NamedOpcode{'V', "UNICODE"},
    NamedOpcode{'B', "BINBYTES"},
    NamedOpcode{'C', "SHORT_BINBYTES"},
    NamedOpcode{'d', "DICT"},
    NamedOpcode{'g', "GET"},
    NamedOpcode{'i', "INST"},
    NamedOpcode{'l', "LIST"},
    NamedOpcode{'o', "OBJ"},
    NamedOpcode{'p', "PUT"},
    NamedOpcode{0x81, "NEWOBJ"},
    NamedOpcode{0x82, "EXT1"},
    NamedOpcode{0x83, "EXT2"},
    NamedOpcode{0x84, "EXT4"},
    NamedOpcode{0x8B, "LONG4"},
    NamedOpcode{0x8E, "BINBYTES8"},
    NamedOpcode{0x8F, "EMPTY_SET"},
    NamedOpcode{0x90, "ADDITEMS"},
    NamedOpcode{0x91, "FROZENSET"},
    NamedOpcode{0x92, "NEWOBJ_EX"},
    NamedOpcode{0x96, "BYTEARRAY8"},
    NamedOpcode{0x97, "NEXT_BUFFER"},
    NamedOpcode{0x98, "READONLY_BUFFER"},
};

}  // namespace

std::string_view name(PickleValue::Type type) noexcept {
  switch (type) {
    case PickleType::none: return "None";
    case PickleType::boolean: return "a bool";
    case PickleType::integer: return "an integer";
    case PickleType::number: return "a float";
    case PickleType::text: return "text";
    case PickleType::tuple: return "a tuple";
    case PickleType::list: return "a list";
    case PickleType::dict: return "a dict";
    case PickleType::dict_class:
    case PickleType::global: return "a class or function";
    case PickleType::call: return "a tensor";
    case PickleType::persistent: return "a storage";
  }
  return "";
}

PickleDocument::Items PickleDocument::items(const PickleValue& dict) const {
  Items out;
  for (const Item& item : items_) {
    if (item.dict == dict.bits) out.emplace_back(item.key, item.value);
  }
  return out;
}

class PickleMachine {
 public:
  PickleMachine(std::string_view bytes, const PickleSource& source)
      : text_(bytes), bytes_(std::as_bytes(std::span(bytes))), source_(source) {
    out_.bytes_ = bytes;
  }

  PickleDocument run() {
    check_start();
    std::size_t opcodes = 0;
    do {
      if (++opcodes > limits::pickle_opcodes) {
        reject_limit("number of opcodes", limits::pickle_opcodes);
      }
      step();
      if (stack_.size() + marks_.size() > limits::pickle_stack) {
        reject_limit("values on the stack", limits::pickle_stack);
      }
    } while (!is_done_);
    return std::move(out_);
  }

 private:
  [[noreturn]] void reject(std::string expected, std::string found) const {
    reject(ErrorKind::invalid_format, std::move(expected), std::move(found), {});
  }
  [[noreturn]] void reject(ErrorKind kind, std::string expected, std::string found,
                           std::string hint) const {
    fail(kind, {.where = std::string(source_.where),
                .what = "pickle, byte " + std::to_string(opcode_at_),
                .expected = std::move(expected),
                .found = std::move(found),
                .file = std::string(source_.file),
                .hint = std::move(hint)});
  }
  [[noreturn]] void reject_limit(std::string what, std::size_t limit) const {
    fail(ErrorKind::resource_limit, {.where = std::string(source_.where),
                                     .what = "pickle: " + std::move(what),
                                     .expected = "at most " + std::to_string(limit),
                                     .found = "more",
                                     .file = std::string(source_.file)});
  }

  void check_start() const {
    if (bytes_.size() > limits::pickle_bytes) reject_limit("bytes", limits::pickle_bytes);
    if (!bytes_.has(0, 2) || text_[0] != '\x80') reject("a protocol", "none");
  }

  // The argument of an opcode.
  template <class T>
  T take() {
    if (!bytes_.has(at_, sizeof(T))) reject_cut();
    at_ += sizeof(T);
    return bytes_.load<T>(at_ - sizeof(T));
  }
  [[noreturn]] void reject_cut() const {
    reject("an opcode that ends in the pickle", "the end of the pickle");
  }

  void step() {
    opcode_at_ = at_;
    const auto code = take<std::uint8_t>();
    switch (static_cast<Opcode>(code)) {
      case Opcode::proto: return check_protocol();
      case Opcode::frame: static_cast<void>(take<std::uint64_t>()); return;
      case Opcode::stop: return stop();
      case Opcode::mark: return marks_.push_back(stack_.size());
      case Opcode::none: return push({});
      case Opcode::newtrue: return push({.type = PickleType::boolean, .bits = 1});
      case Opcode::newfalse: return push({.type = PickleType::boolean});
      case Opcode::binint: return push_integer(take<std::int32_t>());
      case Opcode::binint1: return push_integer(take<std::uint8_t>());
      case Opcode::binint2: return push_integer(take<std::uint16_t>());
      case Opcode::long1: return push_long();
      case Opcode::binfloat:
        return push({.type = PickleType::number, .bits = take<std::uint64_t>()});
      case Opcode::binunicode: return push_text(take<std::uint32_t>());
      case Opcode::short_binunicode: return push_text(take<std::uint8_t>());
      case Opcode::binunicode8: return push_text(take<std::uint64_t>());
      case Opcode::global: return push_global();
      case Opcode::stack_global: return stack_global();
      case Opcode::binput: return put(take<std::uint8_t>());
      case Opcode::long_binput: return put(take<std::uint32_t>());
      case Opcode::memoize: return put(static_cast<std::uint32_t>(memo_.size()));
      case Opcode::binget: return get(take<std::uint8_t>());
      case Opcode::long_binget: return get(take<std::uint32_t>());
      case Opcode::empty_tuple: return push_elements(PickleType::tuple, 0);
      case Opcode::tuple1: return push_elements(PickleType::tuple, 1);
      case Opcode::tuple2: return push_elements(PickleType::tuple, 2);
      case Opcode::tuple3: return push_elements(PickleType::tuple, 3);
      case Opcode::tuple: return push_elements(PickleType::tuple, unmark());
      case Opcode::empty_list: return push({.type = PickleType::list});
      case Opcode::append: return append(1);
      case Opcode::appends: return append(unmark());
      case Opcode::empty_dict: return push_dict();
      case Opcode::setitem: return set_items(2);
      case Opcode::setitems: return set_items(unmark());
      case Opcode::binpersid: return push_persistent();
      case Opcode::reduce: return reduce();
      case Opcode::build: return build();
    }
    reject_opcode(code);
  }

  [[noreturn]] void reject_opcode(std::uint8_t code) const {
    const auto* known = std::find_if(refused.begin(), refused.end(),
                                     [&](const NamedOpcode& one) { return one.code == code; });
    if (known == refused.end()) reject("an opcode", std::to_string(code));
    reject(ErrorKind::unsupported, "an opcode that tensors need", std::string(known->name),
           "nothing of the file was run; save the model's state_dict() alone, as safetensors");
  }

  void check_protocol() {
    const auto protocol = take<std::uint8_t>();
    if (opcode_at_ != 0) reject("the protocol at the start only", "it once more");
    if (protocol < 2 || protocol > 5) {
      reject(ErrorKind::unsupported, "protocol 2 to 5", std::to_string(protocol), {});
    }
  }

  void stop() {
    if (stack_.size() != 1 || !marks_.empty()) {
      reject("one value at the end",
             std::to_string(stack_.size()) + " and " + std::to_string(marks_.size()) + " marks");
    }
    if (at_ != bytes_.size()) {
      reject("the end of the pickle", std::to_string(bytes_.size() - at_) + " more bytes");
    }
    out_.root_ = stack_.back();
    is_done_ = true;
  }

  void push(const PickleValue& value) { stack_.push_back(value); }
  void push_integer(std::int64_t value) {
    push({.type = PickleType::integer, .bits = std::bit_cast<std::uint64_t>(value)});
  }

  // An integer of so many bytes, in two's complement.
  void push_long() {
    const auto size = take<std::uint8_t>();
    if (size > sizeof(std::uint64_t)) {
      reject("an integer of at most 8 bytes", std::to_string(size) + " bytes");
    }
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (; shift < 8U * size; shift += 8) value |= std::uint64_t{take<std::uint8_t>()} << shift;
    const bool is_negative = size != 0 && (value >> (shift - 1) & 1U) != 0;
    if (is_negative && shift < 64) value |= ~std::uint64_t{0} << shift;
    push_integer(std::bit_cast<std::int64_t>(value));
  }

  void push_text(std::uint64_t size) {
    if (!bytes_.has(at_, size)) reject_cut();
    push({.type = PickleType::text, .size = static_cast<std::uint32_t>(size), .bits = at_});
    at_ += static_cast<std::size_t>(size);
  }

  void push_dict() {
    push({.type = PickleType::dict, .bits = out_.dict_sizes_.size()});
    out_.dict_sizes_.push_back(0);
  }

  // Two lines of text.
  void push_global() {
    const auto line = [&] {
      const std::size_t end = text_.find('\n', at_);
      if (end == std::string_view::npos) reject_cut();
      const std::string_view out = text_.substr(at_, end - at_);
      at_ = end + 1;
      return out;
    };
    const std::string_view module = line();
    push_global(module, line());
  }

  void push_global(std::string_view module, std::string_view member) {
    if (module.size() + member.size() > max_global_bytes) {
      reject("a global of at most " + std::to_string(max_global_bytes) + " bytes",
             std::to_string(module.size() + member.size()));
    }
    const std::string whole = std::string(module) + "." + std::string(member);
    if (whole == dict_class_name) return push({.type = PickleType::dict_class});
    const auto globals = source_.globals;
    const auto known = std::find(globals.begin(), globals.end(), whole);
    if (known == globals.end()) {
      reject(ErrorKind::unsupported, "a global that tensors need", quote(whole),
             "nothing of the file was run; save the model's state_dict() alone, as safetensors");
    }
    push({.type = PickleType::global, .bits = static_cast<std::uint64_t>(known - globals.begin())});
  }

  void stack_global() {
    const auto names = top(2);
    if (names[0].type != PickleType::text || names[1].type != PickleType::text) {
      reject("the name of a global as two texts",
             std::string(name(names[0].type)) + " and " + std::string(name(names[1].type)));
    }
    const std::string_view module = out_.text(names[0]);
    const std::string_view member = out_.text(names[1]);
    pop(2);
    push_global(module, member);
  }

  // The top values, none from below the last mark.
  [[nodiscard]] std::span<const PickleValue> top(std::size_t count) const {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() - floor < count) {
      reject(std::to_string(count) + " values on the stack", std::to_string(stack_.size() - floor));
    }
    return std::span(stack_).last(count);
  }
  void pop(std::size_t count) { stack_.resize(stack_.size() - count); }

  // Takes the last mark away; gives the number of values above it.
  [[nodiscard]] std::size_t unmark() {
    if (marks_.empty()) reject("a mark on the stack", "none");
    const std::size_t count = stack_.size() - marks_.back();
    marks_.pop_back();
    return count;
  }

  // The value that an opcode changes, which lies below the `count` values that it takes.
  [[nodiscard]] PickleValue target(PickleType type, std::size_t count) const {
    const PickleValue value = top(count + 1).front();
    if (value.type != type) reject(std::string(name(type)), std::string(name(value.type)));
    return value;
  }

  // Picklers count the places of the memo, so none is left out.
  void put(std::uint32_t index) {
    const PickleValue value = top(1).front();
    if (index > memo_.size()) reject_place(index);
    if (index == memo_.size()) memo_.emplace_back();
    memo_[index] = value;
  }
  void get(std::uint32_t index) {
    if (index >= memo_.size()) reject_place(index);
    push(memo_[index]);
  }
  [[noreturn]] void reject_place(std::uint32_t index) const {
    reject("one of the " + std::to_string(memo_.size()) + " places of the memo so far",
           std::to_string(index));
  }

  void push_elements(PickleType type, std::size_t count) {
    const auto values = top(count);
    const PickleValue value{
        .type = type, .size = static_cast<std::uint32_t>(count), .bits = out_.elements_.size()};
    out_.elements_.insert(out_.elements_.end(), values.begin(), values.end());
    pop(count);
    push(value);
  }

  void append(std::size_t count) {
    static_cast<void>(target(PickleType::list, count));
    pop(count);
  }

  void set_items(std::size_t count) {
    if (count % 2 != 0) reject("a value for every key", std::to_string(count) + " values");
    const PickleValue dict = target(PickleType::dict, count);
    const auto values = top(count);
    for (std::size_t i = 0; i < count; i += 2) {
      out_.items_.push_back({.dict = dict.bits, .key = values[i], .value = values[i + 1]});
    }
    out_.dict_sizes_[static_cast<std::size_t>(dict.bits)] += static_cast<std::uint32_t>(count / 2);
    pop(count);
  }

  void push_persistent() {
    const PickleValue id = top(1).front();
    if (id.type != PickleType::tuple) {
      reject("the name of a storage as a tuple", std::string(name(id.type)));
    }
    stack_.back().type = PickleType::persistent;
  }

  // What Python would call here.
  void reduce() {
    const auto call = top(2);
    const PickleValue callee = call[0];
    const PickleValue arguments = call[1];
    if (arguments.type != PickleType::tuple) {
      reject("arguments as a tuple", std::string(name(arguments.type)));
    }
    if (callee.type == PickleType::global) return push_elements(PickleType::call, 2);
    if (callee.type != PickleType::dict_class) {
      reject("a function to call", std::string(name(callee.type)));
    }
    if (arguments.size != 0) {
      reject("an OrderedDict without arguments", std::to_string(arguments.size));
    }
    pop(2);
    push_dict();
  }

  // Attributes of a dict, such as the _metadata of a state dict, say nothing about tensors.
  void build() {
    static_cast<void>(target(PickleType::dict, 1));
    pop(1);
  }

  std::string_view text_;
  StoredBytes bytes_;
  const PickleSource& source_;
  std::size_t at_ = 0;
  std::size_t opcode_at_ = 0;
  bool is_done_ = false;
  std::vector<PickleValue> stack_;
  std::vector<std::size_t> marks_;  // sizes of the stack
  std::vector<PickleValue> memo_;
  PickleDocument out_;
};

PickleDocument read_pickle(std::string_view bytes, const PickleSource& source) {
  return PickleMachine(bytes, source).run();
}

}  // namespace attend

// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Writes zip archives and pickles as PyTorch does.
#include "support/torch_bytes.h"

#include <algorithm>
#include <limits>

namespace attend::test {
namespace {

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t out = 0xFFFFFFFFU;
  for (const char c : bytes) {
    out ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) out = (out >> 1U) ^ ((out & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~out;
}

std::string u16(std::size_t value) { return little_endian(static_cast<std::uint16_t>(value)); }
std::string u32(std::size_t value) { return little_endian(static_cast<std::uint32_t>(value)); }
std::string u64(std::size_t value) { return little_endian(std::uint64_t{value}); }

// Fields that local and central headers share: flags to the length of the name.
std::string shared_fields(const ZipMember& member, std::size_t flags, bool with_sizes) {
  const auto& [name, content] = member;
  const std::size_t size = with_sizes ? content.size() : 0;
  return u16(flags) + u16(0) + u16(0) + u16(0) + u32(with_sizes ? crc32(content) : 0) + u32(size) +
         u32(size) + u16(name.size());
}

// What a storage of this type is called.
std::string_view storage_name(DType dtype) {
  switch (dtype) {
    case DType::f64: return "DoubleStorage";
    case DType::f32: return "FloatStorage";
    case DType::f16: return "HalfStorage";
    case DType::bf16: return "BFloat16Storage";
    case DType::i64: return "LongStorage";
    case DType::i32: return "IntStorage";
    case DType::i16: return "ShortStorage";
    case DType::i8: return "CharStorage";
    case DType::u8: return "ByteStorage";
    case DType::boolean: return "BoolStorage";
  }
  return "";
}

// Writes values as Python's pickler does, which puts most of them into a memo and takes those that
// are the same object from there.
class Pickler {
 public:
  std::string state_dict(const std::vector<std::pair<std::string, TensorRef>>& tensors) {
    out_ = "\x80\x02";
    ordered_dict();
    constexpr std::size_t batch = 1000;
    for (std::size_t begin = 0; begin < tensors.size(); begin += batch) {
      const std::size_t end = std::min(begin + batch, tensors.size());
      if (end - begin > 1) out_ += '(';
      for (std::size_t i = begin; i < end; ++i) {
        text(tensors[i].first);
        tensor(tensors[i].second);
      }
      out_ += end - begin > 1 ? 'u' : 's';
    }
    return std::move(out_) + ".";
  }
  [[nodiscard]] const std::map<std::string, std::string>& storages() const { return storages_; }

 private:
  void put() {
    if (puts_ < 256) {
      out_ += 'q';
      out_ += static_cast<char>(puts_);
    } else {
      out_ += 'r' + u32(puts_);
    }
    ++puts_;
  }
  // What is pickled once and then taken from the memo.
  void once(const std::string& opcodes) {
    const auto [place, is_new] = memo_.try_emplace(opcodes, puts_);
    if (is_new) {
      out_ += opcodes;
      return put();
    }
    out_ += place->second < 256 ? "h" + std::string(1, static_cast<char>(place->second))
                                : "j" + u32(place->second);
  }
  void text(std::string_view value) {
    out_ += pickled::text(value);
    put();
  }
  void ordered_dict() {
    once(pickled::global("collections", "OrderedDict"));
    out_ += ")R";
    put();
  }
  void integers(const std::vector<std::int64_t>& values) {
    out_ += pickled::integers(values);
    if (!values.empty()) put();
  }

  void storage(const TensorRef& tensor) {
    const auto count = static_cast<std::size_t>(tensor.shape.count());
    out_ += '(';
    once(pickled::text("storage"));
    once(pickled::global("torch", storage_name(tensor.dtype)));
    auto [place, is_new] = keys_.try_emplace(tensor.bytes, std::to_string(keys_.size()), puts_);
    const auto& [key, index] = place->second;
    if (is_new) {
      storages_[key] = {reinterpret_cast<const char*>(tensor.bytes), tensor.size_bytes()};
      text(key);
    } else {
      out_ += index < 256 ? "h" + std::string(1, static_cast<char>(index)) : "j" + u32(index);
    }
    once(pickled::text("cpu"));
    out_ += pickled::integer(static_cast<std::int64_t>(count)) + "t";
    put();
    out_ += 'Q';
  }

  void tensor(const TensorRef& tensor) {
    std::vector<std::int64_t> shape(tensor.shape.extents().begin(), tensor.shape.extents().end());
    std::vector<std::int64_t> strides(shape.size(), 1);
    for (std::size_t i = shape.size(); i-- > 1;) {
      strides[i - 1] = strides[i] * std::max<std::int64_t>(shape[i], 1);
    }
    once(pickled::global("torch._utils", "_rebuild_tensor_v2"));
    out_ += '(';
    storage(tensor);
    out_ += pickled::integer(0);
    integers(shape);
    integers(strides);
    out_ += '\x89';
    ordered_dict();
    out_ += 't';
    put();
    out_ += 'R';
    put();
  }

  std::string out_;
  std::size_t puts_ = 0;
  std::map<std::string, std::size_t> memo_;  // place by opcodes
  std::map<const std::byte*, std::pair<std::string, std::size_t>> keys_;
  std::map<std::string, std::string> storages_;
};

}  // namespace

std::string zip_bytes(const std::vector<ZipMember>& members, ZipStyle style) {
  constexpr std::size_t alignment = 64;
  constexpr std::size_t utf8 = 0x800;
  const bool is_torch = style == ZipStyle::torch;
  std::string out;
  std::string directory;
  for (const ZipMember& member : members) {
    const auto& [name, content] = member;
    const bool is_later = is_torch && !content.empty();
    const std::size_t flags = (is_torch ? utf8 : 0U) | (is_later ? 8U : 0U);
    directory += "PK\x01\x02" + u16(is_torch ? 0 : 20) + u16(is_torch ? 0 : 20) +
                 shared_fields(member, flags, true) + std::string(12, '\0') + u32(out.size()) +
                 name;
    out += "PK\x03\x04" + u16(is_torch ? 0 : 20) + shared_fields(member, flags, !is_later);
    if (is_torch) {
      const std::size_t used = out.size() + 2 + name.size() + 4;
      const std::size_t padding = (alignment - used % alignment) % alignment;
      out += u16(padding + 4) + name + "FB" + u16(padding) + std::string(padding, 'Z');
    } else {
      out += u16(0) + name;
    }
    out += content;
    if (is_later)
      out += "PK\x07\x08" + u32(crc32(content)) + u32(content.size()) + u32(content.size());
  }
  const std::size_t begin = out.size();
  out += directory;
  if (is_torch) {
    const std::size_t end = out.size();
    out += "PK\x06\x06" + u64(44) + u16(0x031E) + u16(45) + u64(0) + u64(members.size()) +
           u64(members.size()) + u64(directory.size()) + u64(begin);
    out += "PK\x06\x07" + u32(0) + u64(end) + u32(1);
  }
  return out + "PK\x05\x06" + u32(0) + u16(members.size()) + u16(members.size()) +
         u32(directory.size()) + u32(begin) + u16(0);
}

namespace pickled {

std::string text(std::string_view value) { return "X" + u32(value.size()) + std::string(value); }

std::string integer(std::int64_t value) {
  if (value >= 0 && value < 256) return {'K', static_cast<char>(value)};
  if (value >= 0 && value < 65536) return "M" + little_endian(static_cast<std::uint16_t>(value));
  using Narrow = std::numeric_limits<std::int32_t>;
  if (value >= Narrow::min() && value <= Narrow::max()) {
    return "J" + little_endian(static_cast<std::int32_t>(value));
  }
  return "\x8a\x08" + little_endian(value);
}

std::string global(std::string_view module, std::string_view name) {
  return "c" + std::string(module) + "\n" + std::string(name) + "\n";
}

std::string tuple(const std::vector<std::string>& values) {
  std::string all;
  for (const std::string& value : values) all += value;
  if (values.empty()) return ")";
  if (values.size() <= 3) return all + static_cast<char>(0x84 + values.size());
  return "(" + all + "t";
}

std::string integers(const std::vector<std::int64_t>& values) {
  std::vector<std::string> out;
  for (const std::int64_t value : values) out.push_back(integer(value));
  return tuple(out);
}

std::string dict(const std::vector<std::pair<std::string, std::string>>& items) {
  std::string out = "}(";
  for (const auto& [key, value] : items) out += text(key) + value;
  return out + "u";
}

std::string ordered_dict() { return global("collections", "OrderedDict") + ")R"; }

std::string call(const std::string& function, const std::vector<std::string>& values) {
  return function + tuple(values) + "R";
}

std::string storage(std::string_view type, std::string_view key, std::int64_t count) {
  return tuple({text("storage"), global("torch", type), text(key), text("cpu"), integer(count)}) +
         "Q";
}

std::string tensor(const std::string& storage, const Layout& layout) {
  return call(global("torch._utils", "_rebuild_tensor_v2"),
              {storage, integer(layout.offset), integers(layout.shape), integers(layout.strides),
               "\x89", ordered_dict()});
}

std::string file(const std::string& value) { return "\x80\x02" + value + "."; }

}  // namespace pickled

std::string torch_archive(const std::string& pickle,
                          const std::map<std::string, std::string>& storages, ZipStyle style) {
  std::vector<ZipMember> members{{"archive/data.pkl", pickle}, {"archive/byteorder", "little"}};
  for (const auto& [key, content] : storages) members.emplace_back("archive/data/" + key, content);
  members.emplace_back("archive/version", "3\n");
  members.emplace_back("archive/.data/serialization_id",
                       "1146442723849355041500001092702204552171");
  return zip_bytes(members, style);
}

std::string torch_file(const std::vector<std::pair<std::string, TensorRef>>& tensors) {
  Pickler pickler;
  const std::string pickle = pickler.state_dict(tensors);
  return torch_archive(pickle, pickler.storages());
}

}  // namespace attend::test

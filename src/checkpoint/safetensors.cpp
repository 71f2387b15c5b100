// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Reads and checks a safetensors header in one pass over the parser's events: a file that claims a
// million tensors over the same bytes is refused at the second one, before it costs memory.
#include "attend/checkpoint/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>
#include <vector>

#include "attend/core/error.h"
#include "checkpoint/checked_json.h"
#include "checkpoint/tensor_name.h"
#include "core/limits.h"

namespace attend {
namespace {

static_assert(std::endian::native == std::endian::little, "offsets are read as they lie");

constexpr std::string_view where_safetensors = "read safetensors";
constexpr std::size_t length_bytes = 8;
constexpr std::size_t max_unknown_depth = 64;

constexpr std::array supported{DType::f64, DType::f32, DType::f16, DType::bf16, DType::i64,
                               DType::i32, DType::i16, DType::i8,  DType::u8,   DType::boolean};
// What safetensors 0.6 knows beyond these.
constexpr std::array<std::string_view, 12> unsupported{
    "F4",          "F6_E2M3",     "F6_E3M2", "F8_E4M3", "F8_E5M2", "F8_E8M0",
    "F8_E4M3FNUZ", "F8_E5M2FNUZ", "U16",     "U32",     "U64",     "C64"};

[[noreturn]] void fail_format(ErrorDetail detail, std::string_view file) {
  detail.where = where_safetensors;
  detail.file = file;
  fail(ErrorKind::invalid_format, std::move(detail));
}

using Tensors = std::map<std::string, TensorRef, std::less<>>;
using Metadata = std::map<std::string, std::string, std::less<>>;

// Takes the events of the header: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [b,
// e]}, ..., "__metadata__": {"key": "text"}}. Other keys of a tensor are skipped, as the reference
// does.
class HeaderReader {
 public:
  HeaderReader(const JsonSource& source, std::span<const std::byte> data,
               const SafetensorsOptions& options)
      : source_(source), data_(data), options_(options) {}

  // The events, by the names that nlohmann::json::sax_parse asks for.
  bool null() { return at_ == At::header && is_metadata_ ? true : other("null"); }
  bool boolean(bool value) { return other(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { return other(std::to_string(value)); }  // negative
  bool number_float(double, const std::string& text) { return other(text); }
  bool number_unsigned(std::uint64_t value) {
    if (at_ == At::shape) return add_extent(value);
    if (at_ == At::offsets) return add_offset(value);
    return other(std::to_string(value));
  }
  bool string(std::string& value) {
    if (at_ == At::metadata) return add_metadata(std::move(value));
    if (at_ != At::tensor || key_ != "dtype") return other(quote(value));
    once(has_dtype_);
    set_dtype(value);
    return true;
  }
  template <class Binary>
  bool binary(Binary&) {
    return false;  // JSON text has none
  }

  bool start_object(std::size_t) {
    switch (at_) {
      case At::start: at_ = At::header; return true;
      case At::header: at_ = is_metadata_ ? At::metadata : At::tensor; return true;
      case At::metadata:
      case At::tensor:
      case At::shape:
      case At::offsets:
      case At::unknown: break;
    }
    return start_unknown("an object");
  }
  bool end_object() {
    switch (at_) {
      case At::tensor: finish_tensor(); [[fallthrough]];
      case At::metadata: at_ = At::header; break;
      case At::unknown: end_unknown(); break;
      case At::start:
      case At::header:
      case At::shape:
      case At::offsets: break;
    }
    return true;
  }
  bool start_array(std::size_t) {
    if (at_ == At::tensor && key_ == "shape") {
      once(has_shape_);
      at_ = At::shape;
      return true;
    }
    if (at_ == At::tensor && key_ == "data_offsets") {
      once(has_offsets_);
      at_ = At::offsets;
      return true;
    }
    return start_unknown("an array");
  }
  bool end_array() {
    if (at_ == At::unknown) {
      end_unknown();
    } else {
      at_ = At::tensor;
    }
    return true;
  }

  bool key(std::string& key) {
    if (at_ == At::header) {
      start_entry(std::move(key));
    } else {
      key_ = std::move(key);
    }
    return true;
  }

  template <class Exception>
  bool parse_error(std::size_t position, const std::string&, const Exception&) {
    source_.fail_syntax(position == 0 ? 0 : position - 1);
  }

  // Checks that the tensors tile the data: no hole, no overlap, nothing behind the last one.
  void check_tiling() const {
    struct Extent {
      std::size_t begin;
      std::size_t end;
      std::string_view name;
    };
    std::vector<Extent> extents;
    extents.reserve(tensors_.size());
    for (const auto& [name, ref] : tensors_) {
      const auto begin = static_cast<std::size_t>(ref.bytes - data_.data());
      extents.push_back({begin, begin + ref.size_bytes(), name});
    }
    std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
      return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
    });
    std::size_t end = 0;
    for (const auto& extent : extents) {
      if (extent.begin != end) {
        fail_format(
            {.what = tensor_called(extent.name) + ": data_offsets",
             .expected = "to begin at " + std::to_string(end) + ", where the tensor before it ends",
             .found = std::to_string(extent.begin)},
            source_.file);
      }
      end = extent.end;
    }
    if (end != data_.size() && !options_.lenient) {
      fail_format({.what = "data after the header",
                   .expected = std::to_string(end) + " bytes, as the tensors take",
                   .found = std::to_string(data_.size()),
                   .hint = "the file was cut off or has foreign bytes at its end"},
                  source_.file);
    }
  }

  Tensors take_tensors() { return std::move(tensors_); }
  Metadata take_metadata() { return std::move(metadata_); }

 private:
  enum class At : std::uint8_t { start, header, metadata, tensor, shape, offsets, unknown };

  [[noreturn]] void reject(std::string what, std::string expected, std::string found) const {
    fail_format({.what = tensor_called(name_) + what, .expected = expected, .found = found},
                source_.file);
  }

  // A key of a tensor may stand once.
  void once(bool& seen) const {
    if (seen) reject(": " + key_, "to stand once", "it twice");
    seen = true;
  }

  // A scalar that is not what its place asks for.
  bool other(std::string found) const {
    switch (at_) {
      case At::start:
        fail_format({.what = "header", .expected = "an object", .found = found}, source_.file);
      case At::header: reject("", "an object", found);
      case At::metadata: reject(": " + quote(key_), "text", found);
      case At::shape: reject(": shape", "extents >= 0 that fit 63 bits", found);
      case At::offsets: reject(": data_offsets", "offsets >= 0", found);
      case At::tensor:
        if (key_ == "dtype") reject(": dtype", "the name of a type", found);
        if (key_ == "shape" || key_ == "data_offsets") reject(": " + key_, "an array", found);
        break;
      case At::unknown: break;
    }
    return true;
  }

  bool start_unknown(const char* found) {
    if (at_ != At::unknown) {
      other(found);
      at_ = At::unknown;
    }
    if (++unknown_depth_ > max_unknown_depth) {
      reject(": " + quote(key_), "nesting of at most " + std::to_string(max_unknown_depth), "more");
    }
    return true;
  }
  void end_unknown() {
    if (--unknown_depth_ == 0) at_ = At::tensor;
  }

  void start_entry(std::string name) {
    name_ = std::move(name);
    is_metadata_ = name_ == "__metadata__";
    if (is_metadata_) {
      if (has_metadata_) reject("", "to stand once", "it twice");
      has_metadata_ = true;
      return;
    }
    check_tensor_name(name_, {.where = where_safetensors, .file = source_.file});
    check_room("number of tensors", tensors_.size(), options_.max_tensors);
    has_dtype_ = has_shape_ = has_offsets_ = false;
    rank_ = offset_count_ = 0;
  }

  // Whether one more fits.
  void check_room(const char* what, std::size_t size, std::uint64_t limit) const {
    if (size < limit) return;
    fail(ErrorKind::resource_limit, {.where = std::string(where_safetensors),
                                     .what = what,
                                     .expected = "at most " + std::to_string(limit),
                                     .found = "more",
                                     .file = std::string(source_.file)});
  }

  bool add_metadata(std::string value) {
    check_room("entries of __metadata__", metadata_.size(), limits::metadata_entries);
    if (!metadata_.emplace(key_, std::move(value)).second) {
      reject(": " + quote(key_), "to stand once", "it twice");
    }
    return true;
  }

  void set_dtype(std::string_view text) {
    for (const DType dtype : supported) {
      if (name(dtype) == text) {
        dtype_ = dtype;
        return;
      }
    }
    if (std::find(unsupported.begin(), unsupported.end(), text) == unsupported.end()) {
      reject(": dtype", "a type of safetensors, such as \"F32\"", quote(text));
    }
    fail(ErrorKind::unsupported,
         {.where = std::string(where_safetensors),
          .what = tensor_called(name_) + ": dtype",
          .expected = "one of F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL",
          .found = quote(text),
          .file = std::string(source_.file),
          .hint = "save the model in one of these types"});
  }

  bool add_extent(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<Index>::max())) {
      return other(std::to_string(value));
    }
    if (rank_ == Shape::max_rank) {
      reject(": shape", "at most " + std::to_string(Shape::max_rank) + " extents", "more");
    }
    extents_[rank_++] = static_cast<Index>(value);
    return true;
  }

  bool add_offset(std::uint64_t value) {
    if (offset_count_ == offsets_.size()) reject(": data_offsets", "[begin, end]", "more");
    offsets_[offset_count_++] = value;
    return true;
  }

  void finish_tensor() {
    if (!has_dtype_) reject("", "the key dtype", "none");
    if (!has_shape_) reject("", "the key shape", "none");
    if (!has_offsets_ || offset_count_ != 2) reject(": data_offsets", "[begin, end]", "less");
    // Zero extents count as one here: they must not hide that the others overflow.
    auto count = std::optional<Index>(static_cast<Index>(size_of(dtype_)));
    for (std::size_t i = 0; i < rank_ && count; ++i) {
      count = checked_product(*count, std::max<Index>(extents_[i], 1));
    }
    if (!count) reject(": shape", "a number of bytes that fits 63 bits", "more");
    TensorRef ref{dtype_, Shape(std::span<const Index>(extents_.data(), rank_)), nullptr};
    const auto [begin, end] = offsets_;
    if (begin > end || end > data_.size()) {
      reject(": data_offsets",
             "begin <= end <= " + std::to_string(data_.size()) + ", the bytes after the header",
             "[" + std::to_string(begin) + ", " + std::to_string(end) + "]");
    }
    if (end - begin != ref.size_bytes()) {
      reject(": data_offsets",
             std::to_string(ref.size_bytes()) + " bytes for " + std::string(name(dtype_)) + " " +
                 ref.shape.to_string(),
             std::to_string(end - begin));
    }
    // Tensors that tile the data never take more than it has: overlaps show before the sort.
    if (ref.size_bytes() > data_.size() - claimed_) {
      reject(": data_offsets", "tensors that do not overlap",
             "more bytes in them than the file has");
    }
    claimed_ += ref.size_bytes();
    ref.bytes = data_.data() + begin;
    if (!tensors_.emplace(name_, ref).second) reject("", "to stand once", "it twice");
  }

  const JsonSource& source_;
  std::span<const std::byte> data_;
  const SafetensorsOptions& options_;

  At at_ = At::start;
  std::size_t unknown_depth_ = 0;
  std::string name_;  // of the entry in progress
  std::string key_;   // inside it
  bool is_metadata_ = false;
  bool has_metadata_ = false;
  bool has_dtype_ = false;
  bool has_shape_ = false;
  bool has_offsets_ = false;
  DType dtype_ = DType::f32;
  std::array<Index, Shape::max_rank> extents_{};
  std::size_t rank_ = 0;
  std::array<std::uint64_t, 2> offsets_{};
  std::size_t offset_count_ = 0;
  std::size_t claimed_ = 0;  // bytes of all tensors so far
  Tensors tensors_;
  Metadata metadata_;
};

// The header's text: its length is checked against the bytes that are there, never by a sum that
// could wrap.
std::string_view header_text(std::span<const std::byte> bytes, std::string_view file,
                             const SafetensorsOptions& options) {
  const std::string_view content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (content.size() < length_bytes) {
    fail_format({.what = "size of the file",
                 .expected = "at least 8 bytes",
                 .found = std::to_string(content.size()),
                 .hint = "the download was cut off"},
                file);
  }
  std::uint64_t length = 0;
  std::memcpy(&length, content.data(), length_bytes);
  const std::uint64_t limit =
      std::min<std::uint64_t>(content.size() - length_bytes, options.max_header_bytes);
  if (length > limit) {
    std::string hint = foreign_content_hint(content);
    if (hint.empty()) hint = "this is no safetensors file, or it was cut off";
    fail_format({.what = "length of the header",
                 .expected = "at most " + std::to_string(limit),
                 .found = std::to_string(length),
                 .hint = hint},
                file);
  }
  return content.substr(length_bytes, static_cast<std::size_t>(length));
}

}  // namespace

Safetensors Safetensors::parse(std::span<const std::byte> bytes, std::string name,
                               const SafetensorsOptions& options) {
  const JsonSource source{header_text(bytes, name, options), name, where_safetensors};
  source.check_bytes();
  const std::size_t start = source.text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || source.text[start] != '{') {
    fail_format({.what = "header", .expected = "a JSON object", .found = quote(source.text)}, name);
  }
  HeaderReader reader(source, bytes.subspan(length_bytes + source.text.size()), options);
  nlohmann::json::sax_parse(source.text.begin(), source.text.end(), &reader);
  reader.check_tiling();
  Safetensors out;
  out.tensors_ = reader.take_tensors();
  out.metadata_ = reader.take_metadata();
  out.name_ = std::move(name);
  return out;
}

Safetensors Safetensors::open(const std::filesystem::path& file,
                              const SafetensorsOptions& options) {
  auto mapped = std::make_shared<const MappedFile>(MappedFile::open(file, options.mode));
  Safetensors out = parse(mapped->bytes(), file.string(), options);
  out.file_ = std::move(mapped);
  return out;
}

std::optional<TensorRef> Safetensors::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return std::nullopt;
  return found->second;
}

}  // namespace attend

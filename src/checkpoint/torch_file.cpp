// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// From the members of the archive and the values of its pickle to tensors.
#include "attend/checkpoint/torch_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <set>
#include <utility>

#include "attend/core/error.h"
#include "checkpoint/checked_json.h"
#include "checkpoint/pickle.h"
#include "checkpoint/strided_tensor.h"
#include "checkpoint/tensor_name.h"
#include "checkpoint/zip_file.h"

namespace attend {
namespace {

using PickleType = PickleValue::Type;

constexpr std::string_view where_torch_file = "read PyTorch file";
constexpr std::string_view convert_hint =
    "convert it with Python: safetensors.torch.save_file(torch.load(FILE), \"model.safetensors\"), "
    "or from_pretrained() and save_pretrained() of transformers where tensors share memory";
constexpr std::string_view state_dict_hint = "save the model's state_dict() alone, as safetensors";

// What a pickle may name; storages come first, in the order of `storage_types`.
constexpr std::array<std::string_view, 12> globals{"torch.DoubleStorage",
                                                   "torch.FloatStorage",
                                                   "torch.HalfStorage",
                                                   "torch.BFloat16Storage",
                                                   "torch.LongStorage",
                                                   "torch.IntStorage",
                                                   "torch.ShortStorage",
                                                   "torch.CharStorage",
                                                   "torch.ByteStorage",
                                                   "torch.BoolStorage",
                                                   "torch._utils._rebuild_tensor_v2",
                                                   "torch._utils._rebuild_parameter"};
constexpr std::array storage_types{DType::f64, DType::f32, DType::f16, DType::bf16, DType::i64,
                                   DType::i32, DType::i16, DType::i8,  DType::u8,   DType::boolean};
constexpr std::size_t rebuild_tensor = storage_types.size();
constexpr std::size_t rebuild_parameter = rebuild_tensor + 1;

// Tied weights are one storage under several names. More than this many times the file's own size
// would be work out of nothing for everyone who reads all tensors.
constexpr std::uint64_t max_sharing = 64;

[[noreturn]] void fail_with(ErrorKind kind, ErrorDetail detail, std::string_view file) {
  detail.where = where_torch_file;
  detail.file = file;
  fail(kind, std::move(detail));
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A file that is no zip archive, by what it seems to be.
[[noreturn]] void fail_not_zip(std::string_view content, std::string_view file) {
  // How torch.save began its files before PyTorch 1.6: a pickle of a number of 80 bits.
  constexpr std::string_view magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
  constexpr std::size_t tar_magic_at = 257;
  ErrorDetail detail{.what = "format of the file", .expected = "a zip archive of torch.save"};
  const auto unsupported = [&](std::string_view found) {
    detail.found = found;
    detail.hint = convert_hint;
    fail_with(ErrorKind::unsupported, std::move(detail), file);
  };
  if (content.substr(0, 64).find(magic) != std::string_view::npos) {
    unsupported("the form of before PyTorch 1.6, which is no archive");
  }
  if (content.size() > 1 && content[0] == '\x80' && content[1] >= 2 && content[1] <= 5) {
    unsupported("a pickle alone");
  }
  if (content.size() > tar_magic_at && content.substr(tar_magic_at).starts_with("ustar")) {
    unsupported("a tar archive, the form of before PyTorch 0.2");
  }
  detail.found = content.empty() ? "an empty file" : quote(content.substr(0, 16));
  detail.hint = foreign_content_hint(content);
  if (content.size() > 8 && content[8] == '{' &&
      content.substr(4, 4) == std::string_view("\0\0\0\0", 4)) {
    detail.hint = "this looks like safetensors, which is read under the name model.safetensors";
  }
  if (detail.hint.empty()) detail.hint = "this is no file of PyTorch, or it was damaged";
  fail_with(ErrorKind::invalid_format, std::move(detail), file);
}

// The records of the one folder that torch.save puts everything into.
class Records {
 public:
  Records(std::span<const std::byte> bytes, std::string_view file)
      : file_(file),
        members_(read_zip(
            bytes, {.where = where_torch_file, .file = file, .convert_hint = convert_hint})) {
    constexpr std::string_view pickle = "/data.pkl";
    for (const auto& [name, content] : members_) {
      if (!name.ends_with(pickle) || name.find('/') != name.size() - pickle.size()) continue;
      if (!folder_.empty()) reject(std::string(pickle), "it once", "it in two folders");
      folder_ = name.substr(0, name.size() - pickle.size() + 1);
    }
    if (folder_.empty()) reject("zip archive", "a member FOLDER/data.pkl", "none");
    check_form();
  }

  [[nodiscard]] std::optional<std::span<const std::byte>> find(std::string_view name) const {
    const auto found = members_.find(std::string(folder_).append(name));
    if (found == members_.end()) return std::nullopt;
    return found->second;
  }
  [[nodiscard]] std::string_view pickle() const { return text_of(*find("data.pkl")); }

 private:
  [[noreturn]] void reject(std::string what, std::string expected, std::string found) const {
    fail_with(ErrorKind::invalid_format,
              {.what = std::move(what), .expected = std::move(expected), .found = std::move(found)},
              file_);
  }
  [[noreturn]] void reject_form(std::string what, std::string expected, std::string found) const {
    fail_with(ErrorKind::unsupported,
              {.what = std::move(what),
               .expected = std::move(expected),
               .found = std::move(found),
               .hint = std::string(convert_hint)},
              file_);
  }

  void check_form() const {
    constexpr int oldest = 1;
    constexpr int newest = 10;
    if (find("constants.pkl")) {
      reject_form("zip archive", "a state dict of torch.save", "a program of TorchScript");
    }
    const auto version = find("version");
    if (!version) reject("zip archive", "a member FOLDER/version", "none");
    const std::string_view text = text_of(*version);
    int number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_whole = text.substr(static_cast<std::size_t>(read.ptr - text.data())) == "\n";
    if (read.ec != std::errc() || !(is_whole || read.ptr == text.data() + text.size())) {
      reject("version of the file", "a number", quote(text));
    }
    if (number < oldest || number > newest) {
      reject_form("version of the file", std::to_string(oldest) + " to " + std::to_string(newest),
                  std::to_string(number));
    }
    const auto order = find("byteorder");
    if (order && text_of(*order) != "little") {
      reject_form("byte order", "little", quote(text_of(*order)));
    }
  }

  std::string_view file_;
  ZipMembers members_;
  std::string_view folder_;  // with its slash
};

using Tensors = std::map<std::string, TensorRef, std::less<>>;

class StateDictReader {
 public:
  StateDictReader(std::span<const std::byte> bytes, std::string_view file,
                  const TorchFileOptions& options)
      : file_(file),
        options_(options),
        file_bytes_(bytes.size()),
        records_(bytes, file),
        document_(read_pickle(records_.pickle(),
                              {.where = where_torch_file, .file = file, .globals = globals})) {}

  void read() {
    const PickleValue root = document_.root();
    if (root.type != PickleType::dict) reject_content("data.pkl", "a dict of tensors", root);
    for (const auto& [key, value] : document_.items(root)) {
      if (key.type != PickleType::text) reject_content("data.pkl: a key", "text", key);
      name_ = document_.text(key);
      if (!seen_.insert(name_).second) reject("", "to stand once", "it twice");
      if (is_tensor(value)) add(value);
    }
  }

  Tensors take_tensors() { return std::move(tensors_); }
  std::vector<Tensor> take_copies() { return std::move(copies_); }

 private:
  struct Storage {
    DType dtype = DType::f32;
    std::span<const std::byte> bytes;
    Index count = 0;  // elements
  };
  using Values = std::span<const PickleValue>;

  [[nodiscard]] static bool are(std::span<const PickleType> types, Values values) {
    return std::equal(types.begin(), types.end(), values.begin(), values.end(),
                      [](PickleType type, const PickleValue& value) { return value.type == type; });
  }

  // About the entry in progress.
  [[noreturn]] void reject(std::string_view part, std::string expected, std::string found) const {
    fail_with(ErrorKind::invalid_format, detail(part, std::move(expected), std::move(found)),
              file_);
  }
  [[nodiscard]] ErrorDetail detail(std::string_view part, std::string expected,
                                   std::string found) const {
    return {.what = tensor_called(name_) + std::string(part),
            .expected = std::move(expected),
            .found = std::move(found)};
  }
  [[noreturn]] void reject_content(std::string what, std::string expected,
                                   const PickleValue& found) const {
    fail_with(ErrorKind::unsupported,
              {.what = std::move(what),
               .expected = std::move(expected),
               .found = std::string(attend::name(found.type)),
               .hint = "this is no state dict; " + std::string(state_dict_hint)},
              file_);
  }
  [[noreturn]] void reject_limit(std::string what, std::string limit) const {
    fail_with(ErrorKind::resource_limit,
              {.what = std::move(what), .expected = "at most " + limit, .found = "more"}, file_);
  }

  // Whether an entry is one. Single numbers, texts and None are no weights of any model; what may
  // hold tensors deeper inside is no state dict.
  [[nodiscard]] bool is_tensor(const PickleValue& value) const {
    switch (value.type) {
      case PickleType::none:
      case PickleType::boolean:
      case PickleType::integer:
      case PickleType::number:
      case PickleType::text: return false;
      case PickleType::call: return true;
      case PickleType::tuple:
      case PickleType::list:
      case PickleType::dict:
      case PickleType::dict_class:
      case PickleType::global:
      case PickleType::persistent: break;
    }
    reject_content("entry " + quote(name_), "a tensor", value);
  }

  void add(const PickleValue& value) {
    check_tensor_name(name_, {.where = where_torch_file, .file = file_});
    if (tensors_.size() == options_.max_tensors) {
      reject_limit("number of tensors", std::to_string(options_.max_tensors));
    }
    const Values arguments = tensor_arguments(value);
    const Storage& storage = find_storage(arguments[0]);
    const StridedTensor tensor = read_layout(storage, arguments);
    claim(static_cast<std::uint64_t>(tensor.shape.count()) * size_of(tensor.dtype));
    tensors_.emplace(name_, tensor.is_contiguous() ? view(tensor, storage) : copy(tensor, storage));
  }

  // The arguments of _rebuild_tensor_v2: storage, offset, extents, strides, requires_grad, hooks,
  // and since PyTorch 2.0 sometimes what else there is to know.
  [[nodiscard]] Values tensor_arguments(const PickleValue& value) const {
    Values call = document_.elements(value);
    if (call[0].bits == rebuild_parameter) {  // tensor, requires_grad, hooks
      const Values arguments = document_.elements(call[1]);
      if (arguments.size() != 3 || arguments[0].type != PickleType::call) {
        reject(": _rebuild_parameter", "a tensor and two arguments more", "other ones");
      }
      call = document_.elements(arguments[0]);
    }
    if (call[0].bits != rebuild_tensor) {
      reject("", "_rebuild_tensor_v2", quote(globals[static_cast<std::size_t>(call[0].bits)]));
    }
    constexpr std::array kinds{PickleType::persistent, PickleType::integer, PickleType::tuple,
                               PickleType::tuple, PickleType::boolean};
    const Values arguments = document_.elements(call[1]);
    if (arguments.size() < 6 || arguments.size() > 7 ||
        !are(kinds, arguments.first(kinds.size()))) {
      reject(": _rebuild_tensor_v2",
             "a storage, its offset, extents, strides, requires_grad and hooks", "other arguments");
    }
    if (arguments.size() == 7 && !says_nothing(arguments[6])) {
      fail_with(ErrorKind::unsupported,
                detail(": _rebuild_tensor_v2", "no metadata",
                       std::string(attend::name(arguments[6].type))),
                file_);
    }
    return arguments;
  }
  [[nodiscard]] bool says_nothing(const PickleValue& value) const {
    return value.type == PickleType::none ||
           (value.type == PickleType::dict && document_.is_empty(value));
  }

  // ('storage', type, key, location, number of elements)
  [[nodiscard]] const Storage& find_storage(const PickleValue& persistent) {
    const Values id = document_.elements(persistent);
    constexpr std::array kinds{PickleType::text, PickleType::global, PickleType::text,
                               PickleType::text, PickleType::integer};
    if (!are(kinds, id) || document_.text(id[0]) != "storage" ||
        id[1].bits >= storage_types.size()) {
      reject(": storage", "('storage', type, key, location, number of elements)", "another tuple");
    }
    const std::string_view key = document_.text(id[2]);
    const DType dtype = storage_types[static_cast<std::size_t>(id[1].bits)];
    const auto count = static_cast<Index>(id[4].bits);
    const auto [place, is_new] = storages_.try_emplace(key);
    Storage& out = place->second;
    if (is_new) out = read_storage(key, dtype, count);
    if (out.dtype != dtype || out.count != count) {
      reject(": storage " + quote(key),
             std::to_string(out.count) + " elements of " + std::string(attend::name(out.dtype)) +
                 ", as before",
             std::to_string(count) + " of " + std::string(attend::name(dtype)));
    }
    return out;
  }

  [[nodiscard]] Storage read_storage(std::string_view key, DType dtype, Index count) const {
    const auto bytes = records_.find(std::string("data/").append(key));
    if (!bytes) reject(": storage " + quote(key), "a member FOLDER/data/ of this name", "none");
    const auto wanted = checked_product(count, static_cast<Index>(size_of(dtype)));
    if (!wanted || static_cast<std::size_t>(*wanted) != bytes->size()) {
      reject(": storage " + quote(key),
             std::to_string(count) + " elements of " + std::string(attend::name(dtype)),
             std::to_string(bytes->size()) + " bytes");
    }
    return {.dtype = dtype, .bytes = *bytes, .count = count};
  }

  [[nodiscard]] StridedTensor read_layout(const Storage& storage, Values arguments) const {
    const Values extents = document_.elements(arguments[2]);
    const Values strides = document_.elements(arguments[3]);
    StridedTensor out{.dtype = storage.dtype, .offset = integer(arguments[1])};
    if (extents.size() > Shape::max_rank) {
      fail_with(ErrorKind::unsupported,
                detail(": shape", "at most " + std::to_string(Shape::max_rank) + " extents",
                       std::to_string(extents.size())),
                file_);
    }
    if (extents.size() != strides.size()) {
      reject(": strides", std::to_string(extents.size()), std::to_string(strides.size()));
    }
    std::array<Index, Shape::max_rank> shape{};
    Index elements = 1;
    for (std::size_t i = 0; i < extents.size(); ++i) {
      shape[i] = integer(extents[i]);
      out.strides[i] = integer(strides[i]);
      // Zero extents count as one here: they must not hide that the others overflow.
      const auto product = checked_product(elements, std::max<Index>(shape[i], 1));
      if (shape[i] < 0 || !product) {
        reject(": shape", "extents >= 0 whose product fits 63 bits", std::to_string(shape[i]));
      }
      elements = *product;
    }
    out.shape = Shape(std::span<const Index>(shape.data(), extents.size()));
    const auto end = out.end();
    if (!end || *end > storage.count) {
      reject(": offset and strides",
             "elements within the storage's " + std::to_string(storage.count),
             end ? "them to end at " + std::to_string(*end) : "numbers below 0 or beyond 63 bits");
    }
    return out;
  }

  [[nodiscard]] Index integer(const PickleValue& value) const {
    if (value.type != PickleType::integer) {
      reject(": layout", "integers", std::string(attend::name(value.type)));
    }
    return static_cast<Index>(value.bits);
  }

  void claim(std::uint64_t bytes) {
    if (bytes > file_bytes_ * max_sharing - claimed_) {
      reject_limit("bytes of all tensors",
                   std::to_string(max_sharing) + " times those of the file");
    }
    claimed_ += bytes;
  }

  [[nodiscard]] static TensorRef view(const StridedTensor& tensor, const Storage& storage) {
    const auto at = static_cast<std::size_t>(tensor.offset) * size_of(tensor.dtype);
    return {tensor.dtype, tensor.shape, storage.bytes.data() + at};
  }

  [[nodiscard]] TensorRef copy(const StridedTensor& tensor, const Storage& storage) {
    const std::uint64_t bytes =
        static_cast<std::uint64_t>(tensor.shape.count()) * size_of(tensor.dtype);
    if (bytes > file_bytes_ - copied_) {
      reject_limit("bytes of tensors that do not lie row by row", "those of the file");
    }
    copied_ += bytes;
    copies_.emplace_back(tensor.dtype, tensor.shape);
    tensor.copy_to(copies_.back().bytes(), storage.bytes);
    return copies_.back().ref();
  }

  std::string_view file_;
  const TorchFileOptions& options_;
  std::uint64_t file_bytes_;
  Records records_;
  PickleDocument document_;

  std::string_view name_;  // of the entry in progress
  std::set<std::string_view> seen_;
  std::map<std::string_view, Storage> storages_;  // by key
  std::uint64_t claimed_ = 0;                     // bytes of all tensors so far
  std::uint64_t copied_ = 0;                      // of those that were copied
  Tensors tensors_;
  std::vector<Tensor> copies_;  // moving a Tensor does not move its bytes
};

}  // namespace

TorchFile TorchFile::parse(std::span<const std::byte> bytes, std::string name,
                           const TorchFileOptions& options) {
  if (!text_of(bytes).starts_with("PK\x03\x04")) fail_not_zip(text_of(bytes), name);
  StateDictReader reader(bytes, name, options);
  reader.read();
  TorchFile out;
  out.tensors_ = reader.take_tensors();
  out.copies_ = reader.take_copies();
  out.name_ = std::move(name);
  return out;
}

TorchFile TorchFile::open(const std::filesystem::path& file, const TorchFileOptions& options) {
  auto mapped = std::make_shared<const MappedFile>(MappedFile::open(file, options.mode));
  TorchFile out = parse(mapped->bytes(), file.string(), options);
  out.file_ = std::move(mapped);
  return out;
}

std::optional<TensorRef> TorchFile::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return std::nullopt;
  return found->second;
}

}  // namespace attend

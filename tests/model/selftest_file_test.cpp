// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Selftests as files of strangers: each bad one is a typed Error that names the part.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>

#include "attend/checkpoint/safetensors.h"
#include "attend/model/selftest.h"
#include "support/cost.h"
#include "support/edited_model.h"
#include "support/error_of.h"
#include "support/golden.h"
#include "support/paths.h"
#include "support/sanitized.h"

namespace attend {
namespace {

namespace fs = std::filesystem;
using test::EditedTensor;
using test::golden;

constexpr const char* folder = "bert-token-classification";

EditedTensor ints(const Shape& shape, std::vector<std::int64_t> values) {
  values.resize(static_cast<std::size_t>(shape.count()), values.empty() ? 5 : values.back());
  EditedTensor out{DType::i64, shape, std::vector<std::byte>(values.size() * 8)};
  const auto bytes = std::as_bytes(std::span(values));
  std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  return out;
}

EditedTensor floats(const Shape& shape, float value = 0.5F) {
  EditedTensor out{DType::f32, shape, {}};
  out.set_values(std::vector<float>(static_cast<std::size_t>(shape.count()), value));
  return out;
}

/// The parts of a selftest, to be spoiled and written.
struct Parts {
  std::map<std::string, EditedTensor> tensors;
  std::map<std::string, std::string, std::less<>> metadata;

  Parts() {
    const Safetensors file = Safetensors::open(golden(folder) / "tensors.safetensors");
    metadata = file.metadata();
    for (const auto& [name, tensor] : file.tensors()) {
      tensors[name] = {tensor.dtype, tensor.shape,
                       std::vector<std::byte>(tensor.bytes, tensor.bytes + tensor.size_bytes())};
    }
  }
  [[nodiscard]] Shape ids() const { return tensors.at("right.input_ids").shape; }

  void write(const fs::path& file) const {
    std::map<std::string, TensorRef, std::less<>> refs;
    for (const auto& [name, tensor] : tensors) {
      refs[name] = {tensor.dtype, tensor.shape, tensor.bytes.data()};
    }
    write_safetensors(file, refs, metadata);
  }
};

struct BadFile {
  std::string name;
  std::function<void(Parts&)> spoil;
  ErrorKind kind;
  std::string complaint;
};

std::vector<BadFile> bad_tensors() {
  constexpr ErrorKind invalid = ErrorKind::invalid_format;
  return {
      {"no tensors", [](Parts& f) { f.tensors.clear(); }, invalid, "a forward to replay"},
      {"a name without a forward",
       [](Parts& f) {
         f.tensors["logits"] = floats({1, 1});
       },
       invalid, "\"logits\""},
      {"an empty forward",
       [](Parts& f) {
         f.tensors[".logits"] = floats({1, 1});
       },
       invalid, "\".logits\""},
      {"no ids", [](Parts& f) { f.tensors.erase("single.input_ids"); }, invalid,
       "\"single.input_ids\""},
      {"inputs only",
       [](Parts& f) {
         f.tensors["more.input_ids"] = ints({1, 2}, {2, 3});
       },
       invalid, "forward \"more\": expected an output"},
      {"an unknown output", [](Parts& f) { f.tensors["single.states"] = floats({1}); }, invalid,
       "\"single.states\""},
      {"an empty name", [](Parts& f) { f.tensors["single."] = floats({1}); }, invalid,
       "\"single.\""},
      {"a layer too many",
       [](Parts& f) {
         f.tensors["single.hidden_states.3"] = floats({1, 1, 32});
       },
       invalid, "\"single.hidden_states.3\""},
      {"a layer's other spelling",
       [](Parts& f) {
         f.tensors["single.hidden_states.01"] = floats({1, 1, 32});
       },
       invalid, "\"single.hidden_states.01\""},
      {"another head's output",
       [](Parts& f) {
         f.tensors["single.start_logits"] = floats({1, 1});
       },
       invalid, "\"single.start_logits\""},
      {"a pooler that there is not",
       [](Parts& f) {
         f.tensors["single.pooler_output"] = floats({1, 32});
       },
       invalid, "\"single.pooler_output\""},
      {"half precision",
       [](Parts& f) {
         EditedTensor& tensor = f.tensors.at("single.logits");
         tensor.dtype = DType::bf16;
         tensor.bytes.resize(tensor.bytes.size() / 2);
       },
       invalid, "\"single.logits\": expected F32"},
      {"integers for an output", [](Parts& f) { f.tensors["right.logits"] = ints(f.ids(), {1}); },
       invalid, "\"right.logits\": expected F32"},
      {"a row too few",
       [](Parts& f) {
         f.tensors["right.logits"] = floats({2, f.ids()[1], 9});
       },
       invalid, "\"right.logits\""},
      {"a column too many",
       [](Parts& f) {
         f.tensors["right.hidden_states.1"] = floats({3, f.ids()[1], 33});
       },
       invalid, "\"right.hidden_states.1\""},
      {"a scalar", [](Parts& f) { f.tensors["right.logits"] = floats(Shape()); }, invalid,
       "found F32 []"},
      {"an expectation that is no number",
       [](Parts& f) {
         auto values = f.tensors.at("right.hidden_states.0").values();
         values.back() = NAN;
         f.tensors.at("right.hidden_states.0").set_values(values);
       },
       invalid, "\"right.hidden_states.0\": expected finite"},
      {"an infinite expectation",
       [](Parts& f) {
         auto values = f.tensors.at("single.logits").values();
         values.front() = -INFINITY;
         f.tensors.at("single.logits").set_values(values);
       },
       invalid, "\"single.logits\": expected finite"},
  };
}

std::vector<BadFile> bad_inputs() {
  constexpr ErrorKind invalid = ErrorKind::invalid_format;
  return {
      {"an id beyond the vocabulary",
       [](Parts& f) {
         f.tensors["right.input_ids"] = ints(f.ids(), {2, 300});
       },
       ErrorKind::tokenizer_error, "forward \"right\", token id: expected 0 to 299, found 300"},
      {"an id beyond 32 bits",
       [](Parts& f) { f.tensors["right.input_ids"] = ints(f.ids(), {std::int64_t{1} << 40}); },
       invalid, "\"input_ids\": expected 0 to 2147483647"},
      {"a negative id", [](Parts& f) { f.tensors["right.input_ids"] = ints(f.ids(), {-1}); },
       invalid, "found -1"},
      {"a type id beyond the table",
       [](Parts& f) {
         f.tensors["right.token_type_ids"] = ints(f.ids(), {0, 2});
       },
       ErrorKind::tokenizer_error, "token type id"},
      {"a position beyond the table",
       [](Parts& f) {
         f.tensors["right.position_ids"] = ints(f.ids(), {0, 88});
       },
       ErrorKind::input_too_long, "forward \"right\", position: expected 0 to 87"},
      {"a mask of another value",
       [](Parts& f) {
         f.tensors["right.attention_mask"] = ints(f.ids(), {1, 2});
       },
       invalid, "\"attention_mask\": expected 0 to 1, found 2"},
      {"a mask that leaves nothing",
       [](Parts& f) { f.tensors["right.attention_mask"] = ints(f.ids(), {0}); }, invalid,
       "sequence 0"},
      {"a mask of another shape",
       [](Parts& f) {
         f.tensors["right.attention_mask"] = ints({1, 2}, {1});
       },
       invalid, "\"right.attention_mask\": expected I64"},
      {"ids in one row", [](Parts& f) { f.tensors["single.input_ids"] = ints({5}, {2}); }, invalid,
       "\"single."},
      {"ids that are fractions",
       [](Parts& f) {
         f.tensors["single.input_ids"] = floats(f.tensors.at("single.input_ids").shape);
       },
       invalid, "found F32"},
      {"no sequences",
       [](Parts& f) {
         f.tensors["a.input_ids"] = ints({0, 5}, {});
         f.tensors["a.logits"] = floats({0, 5, 9});
       },
       invalid, "\"a.input_ids\": expected I64"},
      {"no tokens",
       [](Parts& f) {
         f.tensors["a.input_ids"] = ints({5, 0}, {});
         f.tensors["a.logits"] = floats({5, 0, 9});
       },
       invalid, "\"a.input_ids\": expected I64"},
      {"too many tokens in one forward",
       [](Parts& f) {
         f.tensors["a.input_ids"] = ints({1, 4097}, {2});
         f.tensors["a.logits"] = floats({1, 1});
       },
       ErrorKind::resource_limit, "expected at most 4096"},
      {"too many tokens together",
       [](Parts& f) {
         for (const char* name : {"a", "b"}) {
           f.tensors[std::string(name) + ".input_ids"] = ints({40, 60}, {2});
           f.tensors[std::string(name) + ".last_hidden_state"] = floats({40, 60, 32});
         }
       },
       ErrorKind::resource_limit, "expected at most 4096, found 4800"},
      {"too many forwards",
       [](Parts& f) {
         for (int i = 0; i < 63; ++i)
           f.tensors["f" + std::to_string(i) + ".input_ids"] = ints({1, 1}, {2});
       },
       ErrorKind::resource_limit, "expected at most 64, found 65"},
      {"a sequence longer than the model takes",
       [](Parts& f) {
         f.tensors["a.input_ids"] = ints({1, 89}, {2});
         f.tensors["a.last_hidden_state"] = floats({1, 89, 32});
       },
       ErrorKind::input_too_long, "forward \"a\", position"},
  };
}

std::vector<BadFile> bad_metadata() {
  std::vector<BadFile> table;
  const auto add = [&](const std::string& key, const std::string& value) {
    table.push_back({key + " = " + value, [=](Parts& f) { f.metadata[key] = value; },
                     ErrorKind::invalid_format, "metadata \"" + key + "\""});
  };
  for (const char* value :
       {"", "0", "-1e-5", "nan", "inf", "0.02", "1e9", "1e-5x", " 1e-5", "0,00001", "1e-99999"}) {
    add("tolerance", value);
    add("float64_difference", value);
  }
  add("head", "");
  add("head", "sequence-classification");
  add("model_class", "BertForEverything");
  return table;
}

class BadSelftest : public testing::Test {
 protected:
  void check(const std::vector<BadFile>& table) const {
    for (const BadFile& bad : table) {
      SCOPED_TRACE(bad.name);
      Parts parts;
      bad.spoil(parts);
      const fs::path file = folder_.path() / "selftest.safetensors";
      parts.write(file);
      const auto begin = test::work_time();
      test::expect_error(bad.kind, {bad.complaint, file.string()},
                         [&] { return replay_selftest(model_, file); });
      EXPECT_LT(test::work_time() - begin, test::time_allowed);
    }
  }

  test::TemporaryFolder folder_;
  Model model_ = load_model(golden(folder));
};

TEST_F(BadSelftest, UnspoiledPartsAreAGoodOne) {
  const fs::path file = folder_.path() / "selftest.safetensors";
  Parts parts;
  parts.write(file);
  EXPECT_NO_THROW(replay_selftest(model_, file).check("test"));
  parts.metadata.clear();
  parts.write(file);
  EXPECT_NO_THROW(replay_selftest(model_, file).check("test"));
}

TEST_F(BadSelftest, TensorsAreNamed) { check(bad_tensors()); }
TEST_F(BadSelftest, InputsAreNamed) { check(bad_inputs()); }
TEST_F(BadSelftest, MetadataIsNamed) { check(bad_metadata()); }

TEST_F(BadSelftest, FilesThatAreNone) {
  const fs::path file = folder_.path() / "selftest.safetensors";
  const auto expect = [&](ErrorKind kind, std::string_view part) {
    test::expect_error(kind, {part, "selftest.safetensors"},
                       [&] { return replay_selftest(model_, file); });
  };
  expect(ErrorKind::file_not_found, "`attend verify --record` writes one");
  test::write_file(file, "");
  expect(ErrorKind::invalid_format, "");
  test::write_file(file, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
  expect(ErrorKind::invalid_format, "LFS");
  fs::remove(file);
  fs::create_directory(file);
  expect(ErrorKind::invalid_format, "");
  fs::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  expect(ErrorKind::invalid_format, "");
  fs::remove(file);
  fs::create_symlink("nowhere", file);
  expect(ErrorKind::file_not_found, "");
}

TEST_F(BadSelftest, LoadingAsksForTheFileOnlyWhenToldTo) {
  EXPECT_NO_THROW((void)load_model(golden(folder)));
  test::expect_error(ErrorKind::file_not_found, {"selftest.safetensors", "--record"},
                     [] { return load_model(golden(folder), {.verify = true}); });
}

TEST_F(BadSelftest, TypeIdsOfAModelThatHasNone) {
  const Model model = load_model(golden("distilbert-token-classification"));
  const fs::path file = folder_.path() / "selftest.safetensors";
  Parts parts;
  std::erase_if(parts.tensors, [](const auto& tensor) { return tensor.first.ends_with("logits"); });
  parts.write(file);
  test::expect_error(ErrorKind::invalid_format, {"token_type_ids", file.string()},
                     [&] { return replay_selftest(model, file); });
}

TEST_F(BadSelftest, NothingToCompareIsNoSuccess) {
  Parts parts;
  std::erase_if(parts.tensors, [](const auto& tensor) {
    return tensor.first.find("hidden") != std::string::npos;
  });
  const fs::path file = folder_.path() / "selftest.safetensors";
  parts.write(file);
  EXPECT_NO_THROW(replay_selftest(model_, file).check("test"));
  const Model headless = load_model(golden(folder), {.head = HeadKind::none});
  test::expect_error(ErrorKind::invalid_format, {"\"token_classification\""},
                     [&] { return replay_selftest(headless, file); });
}

// One value at a time: those on padding may be anything, all others count.
TEST_F(BadSelftest, RowsOfPaddingAreNotCompared) {
  const fs::path file = folder_.path() / "selftest.safetensors";
  Parts parts;
  const auto mask = parts.tensors.at("right.attention_mask");
  const auto values = parts.tensors.at("right.logits").values();
  const auto tokens = static_cast<std::size_t>(parts.ids().count());
  std::vector<std::int64_t> kept(tokens);
  std::memcpy(kept.data(), mask.bytes.data(), mask.bytes.size());
  ASSERT_NE(std::count(kept.begin(), kept.end(), 0), 0);
  for (std::size_t token = 0; token < tokens; ++token) {
    auto changed = values;
    changed.at(token * (values.size() / tokens)) += 1;
    parts.tensors.at("right.logits").set_values(changed);
    parts.write(file);
    const auto report = replay_selftest(model_, file);
    EXPECT_EQ(report.forwards.front().failure.has_value(), kept.at(token) == 1) << token;
  }
}

// A thousand bytes changed, each alone: a verdict or a typed Error, nothing else.
TEST_F(BadSelftest, MutatedFilesAreRefusedOrReplayed) {
  const std::string bytes = test::read_file(golden(folder) / "tensors.safetensors");
  const fs::path file = folder_.path() / "selftest.safetensors";
  std::mt19937_64 random(7);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    std::string changed = bytes;
    const std::size_t end = i % 2 == 0 ? 8 + static_cast<std::size_t>(header) : bytes.size();
    changed.at(random() % end) = static_cast<char>(random());
    test::write_file(file, changed);
    const auto error = test::error_of([&] { return replay_selftest(model_, file); });
    refused += error ? 1 : 0;
    EXPECT_FALSE(error && error->kind() == ErrorKind::internal) << error->what();
  }
  EXPECT_GT(refused, 250);
  EXPECT_LT(refused, 1000);
}

}  // namespace
}  // namespace attend

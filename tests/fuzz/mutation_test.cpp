// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Single mutations of a valid model folder of every architecture, each through load and run: the
// outcome is a result or a typed Error, in bounded time and memory. ATTEND_MUTATIONS and
// ATTEND_MUTATION_SEED set the number and the seed for longer runs.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "attend/core/error.h"
#include "attend/task/text_classification.h"
#include "attend/task/token_classification.h"
#include "support/edited_model.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;
using Random = std::mt19937_64;

constexpr auto slowest_allowed = std::chrono::seconds(5);
constexpr long memory_allowed_kb = 512L * 1024;  // growth of the peak over all mutations

std::size_t pick(Random& random, std::size_t count) { return random() % count; }

// Values that readers of untrusted files trip over.
OrderedJson nasty_value(Random& random) {
  static const std::array<const char*, 24> values = {
      "null",
      "true",
      "false",
      "-1",
      "0",
      "1",
      "1.5",
      "1e12",
      "1e308",
      "2147483648",
      "4294967296",
      "9223372036854775807",
      "18446744073709551615",
      "-9223372036854775808",
      "\"\"",
      "\"768\"",
      "\"\\u0000\"",
      "[]",
      "[[]]",
      "{}",
      "{\"a\": {}}",
      "[0, 1]",
      "\"../../etc/passwd\"",
      "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\""};
  return ordered_json_of(values[pick(random, values.size())]);
}

void collect(OrderedJson& node, std::vector<std::pair<OrderedJson*, std::size_t>>& places) {
  if (!node.is_structured()) return;
  std::size_t i = 0;
  for (auto& child : node) {
    places.emplace_back(&node, i++);
    collect(child, places);
  }
}

// Replaces, removes or renames one member anywhere in the document.
void mutate_member(OrderedJson& document, Random& random) {
  std::vector<std::pair<OrderedJson*, std::size_t>> places;
  collect(document, places);
  if (places.empty()) return;
  auto [parent, index] = places[pick(random, places.size())];
  auto at = std::next(parent->begin(), static_cast<std::ptrdiff_t>(index));
  switch (pick(random, 4)) {
    case 0: parent->erase(at); break;
    case 1:
      if (parent->is_object()) {
        const std::string key = at.key();
        OrderedJson value = std::move(*at);
        parent->erase(at);
        (*parent)[key + "x"] = std::move(value);
        break;
      }
      [[fallthrough]];
    default: *at = nasty_value(random); break;
  }
}

void mutate_bytes(std::string& bytes, Random& random) {
  if (bytes.empty()) return;
  const std::size_t at = pick(random, bytes.size());
  switch (pick(random, 4)) {
    case 0: bytes[at] = static_cast<char>(random()); break;
    case 1: bytes.resize(at); break;
    case 2: bytes.erase(at, 1 + pick(random, 16)); break;
    default: bytes.insert(at, bytes.substr(pick(random, bytes.size()), 16)); break;
  }
}

// A safetensors header is JSON behind eight bytes of length.
std::string mutate_safetensors(const std::string& bytes, Random& random) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  OrderedJson header = ordered_json_of(bytes.substr(8, length));
  mutate_member(header, random);
  const std::string text = header.dump();
  const std::uint64_t new_length = text.size();
  std::string out(8, '\0');
  std::memcpy(out.data(), &new_length, sizeof new_length);
  return out + text + bytes.substr(8 + length);
}

// In a file of PyTorch most bytes are values; what readers go by is the pickle in front of them and
// the directory behind them. Some bytes there change, and none moves.
std::string mutate_torch(std::string bytes, Random& random) {
  const std::size_t pickle = bytes.find("\x80\x02");
  const std::size_t pickle_end = bytes.find("PK\x07\x08", pickle);
  const std::size_t directory = bytes.find("PK\x01\x02", pickle_end);
  const bool is_pickle = pick(random, 4) != 0;
  const std::size_t begin = is_pickle ? pickle : directory;
  const std::size_t size = (is_pickle ? pickle_end : bytes.size()) - begin;
  const std::size_t at = begin + pick(random, size);
  const std::size_t from = begin + pick(random, size);
  const std::size_t longest = begin + size - std::max(at, from);
  switch (pick(random, 3)) {
    case 0: bytes[at] = static_cast<char>(random()); break;
    case 1: bytes[at] = bytes[from]; break;
    default:
      bytes.replace(at, std::min<std::size_t>(longest, 16),
                    bytes.substr(from, std::min<std::size_t>(longest, 16)));
  }
  return bytes;
}

std::string mutate(const fs::path& file, const std::string& bytes, Random& random) {
  const bool structured = pick(random, 3) != 0;
  std::string out = bytes;
  if (structured && file.extension() == ".json") {
    OrderedJson document = ordered_json_of(bytes);
    mutate_member(document, random);
    return document.dump();
  }
  if (structured && file.extension() == ".safetensors") return mutate_safetensors(bytes, random);
  if (structured && file.extension() == ".bin") return mutate_torch(bytes, random);
  mutate_bytes(out, random);
  return out;
}

long peak_kb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

/// A golden folder, and in which form its weights are.
struct Family {
  const char* folder;
  const char* weights;
};

void PrintTo(const Family& family, std::ostream* out) { *out << family.folder; }

class Mutation : public testing::TestWithParam<Family> {
 protected:
  /// The files of the family by name.
  static std::vector<std::pair<std::string, std::string>> files_of(const Family& family) {
    const fs::path source = tests_folder() / "golden" / family.folder;
    std::vector<std::pair<std::string, std::string>> out;
    for (const char* name :
         {"config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
          "vocab.txt", "vocab.json", "merges.txt", "sentencepiece.bpe.model"}) {
      if (fs::exists(source / name)) out.emplace_back(name, read_file(source / name));
    }
    EditedModel model(source);
    const bool is_torch = std::string_view(family.weights) == "pytorch_model.bin";
    const fs::path weights = (is_torch ? model.save_torch() : source) / family.weights;
    out.emplace_back(family.weights, read_file(weights));
    return out;
  }

  /// Whether nonsense in place of a file is noticed: mutations of files that nobody opens would
  /// test nothing.
  static bool is_read(const fs::path& folder, const std::pair<std::string, std::string>& file) {
    write_file(folder / file.first, "\x01nonsense");
    bool noticed = false;
    try {
      run(folder);
    } catch (const Error&) {
      noticed = true;
    }
    write_file(folder / file.first, file.second);
    return noticed;
  }

  static void run(const fs::path& folder) {
    const std::string text = "Zoë met Dr. Müller in São Paulo [SEP] 🙂 last week.";
    if (std::string_view(GetParam().folder).find("token-classification") !=
        std::string_view::npos) {
      (void)TokenClassification::load(folder)(text);
    } else {
      (void)TextClassification::load(folder)(text);
    }
  }
};

TEST_P(Mutation, EveryOutcomeIsAResultOrATypedError) {
  auto files = files_of(GetParam());
  TemporaryFolder folder;
  for (const auto& [name, bytes] : files) write_file(folder.path() / name, bytes);
  run(folder.path());  // the folder itself is sound
  std::erase_if(files, [&](const auto& file) { return !is_read(folder.path(), file); });
  ASSERT_GE(files.size(), 3U);

  const auto count = setting("ATTEND_MUTATIONS", 500);
  Random random(setting("ATTEND_MUTATION_SEED", 1));
  const long before = peak_kb();
  std::map<std::string, int> outcomes;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto& [name, bytes] = files[pick(random, files.size())];
    write_file(folder.path() / name, mutate(name, bytes, random));
    const auto begin = std::chrono::steady_clock::now();
    try {
      run(folder.path());
      ++outcomes["result"];
    } catch (const Error& error) {
      ++outcomes[std::string(attend::name(error.kind()))];
      EXPECT_NE(error.kind(), ErrorKind::internal) << i << " " << name << ": " << error.what();
      EXPECT_GT(std::string_view(error.what()).size(), 20U);
    } catch (const std::exception& other) {
      ADD_FAILURE() << "mutation " << i << " of " << name << " escaped: " << other.what();
    }
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(took, slowest_allowed) << "mutation " << i << " of " << name;
    write_file(folder.path() / name, bytes);
  }
  EXPECT_LT(peak_kb() - before, memory_allowed_kb);
  EXPECT_GT(outcomes.size(), 3U) << "the mutations do not reach the checks";
  std::cout << GetParam().folder << " with " << GetParam().weights << ": " << count
            << " mutations:";
  for (const auto& [outcome, times] : outcomes) std::cout << ' ' << outcome << ' ' << times;
  std::cout << '\n';
}

INSTANTIATE_TEST_SUITE_P(
    Folders, Mutation,
    testing::Values(Family{"bert-sequence-classification", "model.safetensors"},
                    Family{"bert-token-classification-cased", "model.safetensors"},
                    Family{"distilbert-sequence-classification", "model.safetensors"},
                    Family{"distilbert-token-classification", "model.safetensors"},
                    Family{"albert-sequence-classification", "model.safetensors"},
                    Family{"bart-sequence-classification-nli", "model.safetensors"},
                    Family{"camembert-token-classification", "model.safetensors"},
                    Family{"deberta-sequence-classification", "model.safetensors"},
                    Family{"deberta-v2-token-classification", "model.safetensors"},
                    Family{"electra-sequence-classification", "model.safetensors"},
                    Family{"modernbert-sequence-classification", "model.safetensors"},
                    Family{"mpnet-sequence-classification", "model.safetensors"},
                    Family{"roberta-sequence-classification", "model.safetensors"},
                    Family{"xlm-roberta-token-classification", "model.safetensors"},
                    Family{"bert-sequence-classification", "pytorch_model.bin"}),
    [](const auto& family) {
      std::string name = family.param.folder;
      const std::string_view weights = family.param.weights;
      if (weights.ends_with(".bin")) name += "_of_pytorch";
      for (char& c : name) c = c == '-' ? '_' : c;
      return name;
    });

}  // namespace
}  // namespace attend::test

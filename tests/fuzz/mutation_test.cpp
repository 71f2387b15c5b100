// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Single mutations of valid model folders, every model type of the registry with every head, each
// through load and run: the outcome is a result or a typed Error, in bounded time and memory.
// ATTEND_MUTATIONS (of a model type, spread over its heads) and ATTEND_MUTATION_SEED are for longer
// runs: mutations.sh.
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
#include "attend/model/architecture.h"
#include "attend/model/model.h"
#include "attend/model/packed_file.h"
#include "attend/model/selftest.h"
#include "attend/task/feature_extraction.h"
#include "attend/task/fill_mask.h"
#include "attend/task/question_answering.h"
#include "attend/task/sentence_embedding.h"
#include "attend/task/text_classification.h"
#include "attend/task/token_classification.h"
#include "support/cost.h"
#include "support/edited_model.h"
#include "support/golden.h"
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
  if (structured && (file.extension() == ".safetensors" || file.extension() == ".packed"))
    return mutate_safetensors(bytes, random);
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

// ---- what is loaded and run

constexpr std::string_view text = "Zoë met Dr. Müller in São Paulo [SEP] 🙂 last week.";

template <class Task>
void run_task(const fs::path& folder) {
  (void)Task::load(folder)(text);
}

void answer_question(const fs::path& folder) {
  (void)QuestionAnswering::load(folder)({"Who met Zoë?", text}, {.top_k = 3});
}

void fill_mask(const fs::path& folder) {
  // One of the two is the tokenizer's mask, the other is text.
  (void)FillMask::load(folder)("Zoë met [MASK] <mask> Müller.");
}

/// For folders without a tokenizer, with ids that every golden model has.
void run_forward_of(const Model& model) {
  const Batch batch{
      .ids = {1, 250, 2, 3, 299, 12, 2}, .type_ids = {0, 0, 0, 0, 0, 0, 0}, .starts = {0, 3, 7}};
  Workspace workspace;
  (void)(!model.has_logits() ? model.hidden_states(batch, workspace)
                             : model.logits(batch, workspace));
}

void run_forward(const fs::path& folder) { run_forward_of(load_model(folder)); }

template <ComputeType compute>
void run_packed(const fs::path& folder) {
  run_forward_of(load_model(folder, {.compute = compute}));
}

void run_next_sentence(const fs::path& folder) {
  run_forward_of(load_model(folder, {.head = HeadKind::next_sentence_prediction}));
}

void replay(const fs::path& folder) { (void)load_model(folder, {.verify = true}); }

// ---- folders

/// Other mutations for each folder.
Random random_of(const std::string& name) {
  std::vector<std::uint32_t> seeds(name.begin(), name.end());
  seeds.push_back(static_cast<std::uint32_t>(setting("ATTEND_MUTATION_SEED", 1)));
  std::seed_seq sequence(seeds.begin(), seeds.end());
  return Random(sequence);
}

/// A golden folder, what else belongs into it, and how it is run.
struct Subject {
  std::string name;
  std::string family;  ///< model type, or what else is mutated here
  std::string golden_folder;
  void (*run)(const fs::path& folder);
  void (*complete)(const fs::path& folder) = nullptr;
};

void PrintTo(const Subject& subject, std::ostream* out) { *out << subject.name; }

void store_as_torch(const fs::path& folder) {
  EditedModel model(folder);
  fs::remove(folder / "model.safetensors");
  fs::copy(model.save_torch() / "pytorch_model.bin", folder);
}

template <ComputeType compute>
void add_packed(const fs::path& folder) {
  pack_model(folder, {.compute = compute}, folder / packed_file_name(compute));
}

void add_selftest(const fs::path& folder) {
  const Encoding encoding{.ids = {1, 250, 2},
                          .type_ids = {0, 0, 0},
                          .offsets = {{}, {}, {}},
                          .special_tokens_mask = {0, 0, 0}};
  record_selftest(load_model(folder), std::vector<SelftestInput>{{"single", {encoding}}},
                  folder / selftest_file_name);
}

/// modules.json lists a Transformer and a Pooling already.
void add_dense(const fs::path& folder) {
  Json modules = read_json_file(folder / "modules.json");
  modules.push_back({{"type", "sentence_transformers.models.Dense"}, {"path", "2_Dense"}});
  write_file(folder / "modules.json", modules.dump());
  fs::create_directories(folder / "2_Dense");
  write_file(folder / "2_Dense/config.json",
             R"({"in_features": 32, "out_features": 2, "bias": true,)"
             R"( "activation_function": "torch.nn.modules.activation.Tanh"})");
  const std::vector<float> values(64, 0.125F);
  const auto* bytes = reinterpret_cast<const std::byte*>(values.data());
  write_safetensors(folder / "2_Dense/model.safetensors",
                    {{"linear.weight", {DType::f32, Shape{2, 32}, bytes}},
                     {"linear.bias", {DType::f32, Shape{2}, bytes}}});
}

bool has_tokenizer(const std::string& folder) {
  return fs::exists(golden(folder) / "tokenizer.json") || fs::exists(golden(folder) / "vocab.txt");
}

struct GoldenFolder {
  std::string name;
  std::string model_type;
  bool has_tokenizer = false;
};

/// Read once: every test is a process, which asks for each type with each head.
const std::vector<GoldenFolder>& folders_with_types() {
  static const std::vector<GoldenFolder> all = [] {
    std::vector<GoldenFolder> out;
    for (const std::string& folder : golden_folders()) {
      out.push_back({folder, read_json_file(golden(folder) / "config.json")["model_type"],
                     has_tokenizer(folder)});
    }
    return out;
  }();
  return all;
}

/// The folder of a model type and head, one with a tokenizer where there is one.
const GoldenFolder* find_folder(std::string_view model_type, std::string_view head) {
  const GoldenFolder* found = nullptr;
  for (const GoldenFolder& folder : folders_with_types()) {
    if (folder.model_type != model_type || folder.name.find(head) == std::string::npos) continue;
    if (found == nullptr || (folder.has_tokenizer && !found->has_tokenizer)) found = &folder;
  }
  return found;
}

struct HeadRun {
  const char* part;                                       ///< of a folder's name
  void (*run)(const fs::path& folder);                    ///< where it has a tokenizer
  void (*run_ids)(const fs::path& folder) = run_forward;  ///< and where it has none
};

// Heads without a task, and what few base models have, are run on ids.
constexpr std::array<HeadRun, 15> heads{{{"-feature-extraction", run_task<FeatureExtraction>},
                                         {"-sequence-classification", run_task<TextClassification>},
                                         {"-token-classification", run_task<TokenClassification>},
                                         {"-question-answering", answer_question},
                                         {"-fill-mask", fill_mask},
                                         {"-multiple-choice", run_forward},
                                         {"-replaced-token-detection", run_forward},
                                         {"-pretraining", run_next_sentence, run_next_sentence},
                                         {"-feature-extraction-convolution-groups", run_forward},
                                         {"-feature-extraction-inner", run_forward},
                                         {"-feature-extraction-tasks", run_forward},
                                         {"-summarization", run_forward},
                                         {"-translation", run_forward},
                                         {"-text2text-generation", run_forward},
                                         {"-text-generation", run_forward}}};

std::vector<Subject> make_subjects() {
  std::vector<Subject> all;
  for (const Architecture* const architecture : architectures()) {
    for (const std::string_view type : architecture->model_types) {
      for (const HeadRun& head : heads) {
        const GoldenFolder* const folder = find_folder(type, head.part);
        if (folder == nullptr) continue;
        all.push_back({.name = folder->name,
                       .family = std::string(type),
                       .golden_folder = folder->name,
                       .run = folder->has_tokenizer ? head.run : head.run_ids});
      }
    }
  }
  const std::string classifier = "bert-sequence-classification";
  all.push_back(
      {"pytorch_model.bin", "PyTorch", classifier, run_task<TextClassification>, store_as_torch});
  all.push_back({"selftest.safetensors", "selftest", classifier, replay, add_selftest});
  all.push_back({"attend.int4.packed", "packed weights", classifier, run_packed<ComputeType::int4>,
                 add_packed<ComputeType::int4>});
  all.push_back({"attend.int8.packed", "packed weights", "bart-fill-mask",
                 run_packed<ComputeType::int8>, add_packed<ComputeType::int8>});
  all.push_back({"attend.f32.packed", "packed weights", "deberta-sequence-classification",
                 run_packed<ComputeType::f32>, add_packed<ComputeType::f32>});
  all.push_back({"attend.bf16.packed", "packed weights", "bart-sequence-classification-nli",
                 run_packed<ComputeType::bf16>, add_packed<ComputeType::bf16>});
  all.push_back({"modules.json", "sentence-transformers", "bert-sentence-embeddings-mean",
                 run_task<SentenceEmbedding>, add_dense});
  return all;
}

const std::vector<Subject>& subjects() {
  static const std::vector<Subject> all = make_subjects();
  return all;
}

auto subjects_of(std::string_view family) {
  return std::count_if(subjects().begin(), subjects().end(),
                       [&](const Subject& subject) { return subject.family == family; });
}

TEST(MutatedFamilies, AreAllThatTheRegistryHas) {
  for (const Architecture* const architecture : architectures()) {
    for (const std::string_view type : architecture->model_types) {
      EXPECT_GE(subjects_of(type), 1) << "no golden folder of type " << type;
    }
  }
}

class Mutation : public testing::TestWithParam<Subject> {
 protected:
  using File = std::pair<std::string, std::string>;  // path in the folder, bytes

  Mutation() {
    fs::copy(golden(GetParam().golden_folder), folder_.path(),
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    if (GetParam().complete != nullptr) GetParam().complete(folder_.path());
  }

  void run() const { GetParam().run(folder_.path()); }
  void write(const std::string& file, const std::string& bytes) const {
    write_file(folder_.path() / file, bytes);
  }

  /// Files that are opened: mutations of the others would test nothing.
  [[nodiscard]] std::vector<File> files_that_are_read() const {
    std::vector<File> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      if (!entry.is_regular_file()) continue;
      files.emplace_back(entry.path().lexically_relative(folder_.path()).string(),
                         read_file(entry.path()));
    }
    std::sort(files.begin(), files.end());  // directories have no order
    std::erase_if(files, [&](const File& file) { return !is_read(file); });
    return files;
  }

  /// Whether nonsense in place of a file is noticed.
  [[nodiscard]] bool is_read(const File& file) const {
    write(file.first, "\x01nonsense");
    bool noticed = false;
    try {
      run();
    } catch (const Error&) {
      noticed = true;
    }
    write(file.first, file.second);
    return noticed;
  }

  /// The outcome's name. What is no Error escapes.
  [[nodiscard]] std::string outcome_of(const std::string& mutation) const {
    const auto begin = work_time();
    std::string outcome = "result";
    try {
      run();
    } catch (const Error& error) {
      outcome = attend::name(error.kind());
      EXPECT_NE(error.kind(), ErrorKind::internal) << mutation << ": " << error.what();
      EXPECT_GT(std::string_view(error.what()).size(), 20U);
    } catch (const std::exception& other) {
      ADD_FAILURE() << mutation << " escaped: " << other.what();
    }
    EXPECT_LT(work_time() - begin, slowest_allowed) << mutation;
    return outcome;
  }

  TemporaryFolder folder_;
};

TEST_P(Mutation, EveryOutcomeIsAResultOrATypedError) {
  run();  // the folder itself is sound
  const std::vector<File> files = files_that_are_read();
  ASSERT_GE(files.size(), 2U);

  const auto of_family = static_cast<std::uint64_t>(subjects_of(GetParam().family));
  const auto count = (setting("ATTEND_MUTATIONS", 400) + of_family - 1) / of_family;
  Random random = random_of(GetParam().name);
  const long before = peak_kb();
  std::map<std::string, int> outcomes;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto& [name, bytes] = files[pick(random, files.size())];
    write(name, mutate(name, bytes, random));
    ++outcomes[outcome_of("mutation " + std::to_string(i) + " of " + name)];
    write(name, bytes);
  }
  EXPECT_LT(peak_kb() - before, memory_allowed_kb);
  EXPECT_GT(outcomes.size(), count < 40 ? 1U : 2U) << "the mutations do not reach the checks";
  std::cout << GetParam().family << ", " << GetParam().name << ": " << count << " mutations of "
            << files.size() << " files:";
  for (const auto& [outcome, times] : outcomes) std::cout << ' ' << outcome << ' ' << times;
  std::cout << '\n';
}

INSTANTIATE_TEST_SUITE_P(Folders, Mutation, testing::ValuesIn(subjects()), [](const auto& subject) {
  std::string name = subject.param.name;
  for (char& c : name) c = c == '-' || c == '.' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace attend::test

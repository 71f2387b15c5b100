// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokenizer::load: which files are read, and what a tokenizer class makes of them, as
// AutoTokenizer.from_pretrained of transformers 4.57 does.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attend/core/error.h"
#include "tokenizer/chat_files.h"
#include "tokenizer/class_adjustments.h"
#include "tokenizer/conversion.h"
#include "tokenizer/naming_file.h"
#include "tokenizer/python_ids.h"
#include "tokenizer/recipes.h"
#include "tokenizer/slow_files.h"

namespace attend {
namespace {

namespace fs = std::filesystem;

// Where tiktoken's ranks are; with other content it is a model file of SentencePiece.
constexpr std::string_view ranks_file = "tokenizer.model";

bool has_slow_files(const fs::path& folder, const TokenizerClass* of) {
  if (of == nullptr || of->recipe == nullptr) return false;
  const auto files = split_words(of->slow_files);
  return std::all_of(files.begin(), files.end(),
                     [&](std::string_view file) { return is_there(folder / file); });
}

// Where tekken.json is and no tokenizer.json, it is the tokenizer, whichever older files and class
// the folder has: MistralCommonTokenizer.from_pretrained takes it before a model of SentencePiece,
// and only Mistral's folders have it. One with tokenizer.json, too, is read from that as ever.
bool has_tekken(const fs::path& folder) {
  return has_slow_files(folder, find_tokenizer_class(mistral_common_class)) &&
         !is_there(folder / "tokenizer.json");
}

// mistral-common reads no other file, and finds no special token in a text.
TokenizerConfig tekken_config() {
  TokenizerConfig config;
  config.class_name = mistral_common_class;
  config.tokenizer_class = find_tokenizer_class(mistral_common_class);
  config.split_special_tokens = true;
  return config;
}

// The ranks of a folder. Whether there are any decides twice what is read, and most folders are
// never asked: the file is read when somebody wants to know, and once. Of another file only the
// beginning is.
class Ranks {
 public:
  explicit Ranks(const fs::path& folder) : folder_(folder) {}

  /// Null where there are none.
  [[nodiscard]] const RanksFile* find() {
    if (!is_known_) look();
    is_known_ = true;
    return file_ ? &*file_ : nullptr;
  }
  /// A class that only Python has reads no ranks.
  [[nodiscard]] const RanksFile* find_for(const TokenizerClass* of) {
    return of == nullptr || !of->is_python_only ? find() : nullptr;
  }

 private:
  void look() {
    const fs::path path = folder_ / ranks_file;
    if (has_tekken(folder_) || !is_there(path)) return;
    if (looks_like_ranks(path)) file_.emplace(RanksFile{path, FileText(path)});
  }

  const fs::path& folder_;
  bool is_known_ = false;
  std::optional<RanksFile> file_;
};

// Where no file names the class: the only one whose slow files are there, else the one that has a
// model type in the folder's name, "albert-base-v1", the longest first. transformers matches the
// name, too, when config.json has no model_type. Null when both say nothing.
const TokenizerClass* class_of_folder(const fs::path& folder) {
  std::string name = (folder / "").parent_path().filename().string();
  if (name.empty() || name.find_first_not_of('.') == std::string::npos) {
    std::error_code error;
    name = fs::weakly_canonical(folder, error).filename().string();
  }
  const TokenizerClass* only = nullptr;
  const TokenizerClass* named = nullptr;
  std::size_t candidates = 0;
  std::size_t longest = 0;
  for (const TokenizerClass& one : tokenizer_classes()) {
    if (!has_slow_files(folder, &one)) continue;
    only = &one;
    ++candidates;
    for (const std::string_view type : split_words(one.model_types)) {
      if (type.size() <= longest || name.find(type) == std::string::npos) continue;
      named = &one;
      longest = type.size();
    }
  }
  return candidates == 1 ? only : named;
}

// What becomes a tokenizer with a step more, or nothing.
std::string hint_of_other_files(const fs::path& folder) {
  std::string hint;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(".gz")) return "unpack " + name + " first";
    if (name.ends_with(".tiktoken")) {
      hint = "only code of the model's authors reads " + name +
             ": save tokenizer.json with convert_tiktoken_to_fast() of transformers";
    }
  }
  return hint;
}

// Throws that a folder without tokenizer.json has nothing else to read.
[[noreturn]] void reject_folder(const fs::path& folder, const TokenizerConfig& config) {
  std::vector<std::string> known;  // slow files of any class that are there
  for (const TokenizerClass& one : tokenizer_classes()) {
    const std::string files(one.slow_files);
    if (!has_slow_files(folder, &one)) continue;
    if (std::find(known.begin(), known.end(), files) == known.end()) known.push_back(files);
  }
  const TokenizerClass* const of = config.tokenizer_class;
  const bool reads_slow_files = of != nullptr && of->recipe != nullptr;
  if (known.empty() || reads_slow_files) {
    std::string files = reads_slow_files ? std::string(of->slow_files)
                                         : std::string("the files of its tokenizer class");
    std::replace(files.begin(), files.end(), ' ', reads_slow_files ? '+' : ' ');
    fail(ErrorKind::file_not_found, {.where = "Tokenizer::load",
                                     .what = "a tokenizer",
                                     .expected = "tokenizer.json or " + files,
                                     .file = folder.string(),
                                     .hint = hint_of_other_files(folder)});
  }
  fail(ErrorKind::unsupported,
       {.where = "Tokenizer::load",
        .what = config.class_name.empty()
                    ? "no file names the tokenizer class of " + known.front()
                    : "tokenizer class " + quote(config.class_name) + " without tokenizer.json",
        .file = folder.string(),
        .hint = "set tokenizer_class in tokenizer_config.json, or add tokenizer.json"});
}

TokenizerSource choose_source(const fs::path& folder, const TokenizerConfig& config, Ranks& ranks) {
  const TokenizerClass* const of = config.tokenizer_class;
  const bool has_json = is_there(folder / "tokenizer.json");
  const bool has_slow = has_slow_files(folder, of) || ranks.find_for(of) != nullptr;
  if (!has_json && !has_slow) reject_folder(folder, config);
  if (!has_json || !has_slow || of == nullptr) {
    return has_json ? TokenizerSource::tokenizer_json : TokenizerSource::slow_files;
  }
  const bool wants_slow = of->is_python_only || (of->prefix_space_needs_slow_files &&
                                                 config.settings.add_prefix_space.has_value());
  return wants_slow ? TokenizerSource::slow_files : TokenizerSource::tokenizer_json;
}

SlowTokenizer read_slow_files(const Conversion& in, Ranks& ranks) {
  const TokenizerClass* const of = in.config.tokenizer_class;
  const RanksFile* const found = ranks.find_for(of);
  const fs::path file = found != nullptr ? found->path : in.folder / of->slow_files;
  return naming_file(file.string(), [&] {
    return found != nullptr ? tiktoken_recipe(in, *found) : of->recipe(in);
  });
}

TokenizerSettings settings_of(const TokenizerConfig& config, const TokenizerFile& file,
                              TokenizerSource source) {
  const TokenizerClass* const of = config.tokenizer_class;
  const bool is_slow = source == TokenizerSource::slow_files;
  std::optional<Index> max_length = config.model_max_length;
  if (!config.has_model_max_length && of != nullptr && of->model_max_length > 0) {
    max_length = of->model_max_length;
  }
  const auto& truncation = file.parts.stored_truncation;
  const auto& padding = file.parts.stored_padding;
  const Side padding_side = of != nullptr ? of->padding_side : Side::right;
  return {
      .model_max_length = max_length,
      .truncation_side =
          config.truncation_side.value_or(truncation ? truncation->side : Side::right),
      .padding_side = config.padding_side.value_or(padding ? *padding->padding.side : padding_side),
      .pad_type_id = of != nullptr ? of->pad_type_id : 0,
      .clean_up_tokenization_spaces = config.clean_up_tokenization_spaces.value_or(
          is_slow && of != nullptr && of->slow_clean_up),
      .has_type_ids = config.has_type_ids.value_or(of == nullptr || of->has_type_ids),
      .has_attention_mask =
          config.has_attention_mask.value_or(of == nullptr || of->has_attention_mask),
      .takes_words = of == nullptr || !of->words_need_prefix_space ||
                     config.settings.add_prefix_space.value_or(of->adds_prefix_space),
      .cuts_windows = !is_slow || of == nullptr || !of->is_python_only,
      .pads_to_multiple_of = of != nullptr ? of->pads_to_multiple_of : 1,
      .continuing_subword_prefix = file.parts.settings.continuing_subword_prefix};
}

ChatParts chat_of(const fs::path& folder, const TokenizerConfig& config, const NamedTokens& named) {
  ChatParts chat{.templates = read_chat_files(folder)};
  if (chat.templates.empty()) chat.templates = config.chat_templates;
  // Extra ones stand behind additional ones.
  const std::size_t additional = named.further.size() - config.extra_special_tokens.size();
  for (std::size_t i = 0; i < additional; ++i) {
    chat.additional_special_tokens.push_back(named.further[i].content);
  }
  for (const auto& [name, value] : config.extra_special_tokens) {
    chat.extra_special_tokens.emplace_back(name, value.content);
  }
  return chat;
}

// A folder's tokenizer: the files, the tokens that they and the class name, and what the class's
// constructor changes.
TokenizerParts load_folder(const fs::path& folder) {
  TokenizerConfig config = has_tekken(folder) ? tekken_config() : read_tokenizer_config(folder);
  Ranks ranks(folder);
  if (config.class_name.empty() && !is_there(folder / "tokenizer.json") &&
      ranks.find() == nullptr) {
    config.tokenizer_class = class_of_folder(folder);
    if (config.tokenizer_class != nullptr) config.class_name = config.tokenizer_class->name;
  }
  const TokenizerSource source = choose_source(folder, config, ranks);
  SlowTokenizer read;
  NamedTokens named;
  const Conversion conversion{folder, config, named};
  const bool is_slow = source == TokenizerSource::slow_files;
  if (is_slow) {
    named = named_tokens(config, source, read.file);
    read = read_slow_files(conversion, ranks);
  } else {
    read.file = read_tokenizer_file(folder / "tokenizer.json");
    named = named_tokens(config, source, read.file);
  }
  TokenizerFile& file = read.file;
  TokenizerParts& parts = file.parts;
  const TokenizerClass* const of = config.tokenizer_class;
  if (is_slow && of != nullptr && of->is_python_only) {
    add_python_tokens(config, named, parts);  // the model itself finds them in texts
  } else {
    parts.added_tokens.add(file.added_tokens, parts.vocabulary);
    add_named_tokens(config, named, source, parts);
    if (config.split_special_tokens) parts.added_tokens.ignore_special_tokens();
    // The constructor changes the normalizer when the added tokens have been through it already.
    parts.added_tokens.prepare(parts.normalizer);
  }
  if (is_slow) {
    const bool is_converted = of == nullptr || !of->is_python_only;
    parts.processor =
        Processor(is_converted ? make_template(read.around, PythonIds(conversion, read))
                               : make_template(read.around, named, parts));
  }
  adjust_prefix_space(conversion, file);
  const bool constructs =
      of != nullptr && of->adjust != nullptr && (is_slow || !of->is_python_only);
  if (constructs) of->adjust(conversion, file);
  parts.special_tokens = special_tokens_of(named, parts);
  parts.settings = settings_of(config, file, source);
  parts.chat = chat_of(folder, config, named);
  if (parts.target) parts.target->settings = parts.settings;
  if (parts.settings.pad_type_id != 0) parts.needed_class = of->name;  // no file says that number
  return std::move(parts);
}

// A bare tokenizer.json is taken as it is.
TokenizerParts load_file(const fs::path& path) {
  TokenizerFile file = read_tokenizer_file(path);
  TokenizerParts& parts = file.parts;
  parts.added_tokens.add(file.added_tokens, parts.vocabulary);
  parts.added_tokens.prepare(parts.normalizer);
  const TokenizerConfig no_config;
  parts.special_tokens =
      special_tokens_of(named_tokens(no_config, TokenizerSource::tokenizer_json, file), parts);
  parts.settings = settings_of(no_config, file, TokenizerSource::tokenizer_json);
  return std::move(parts);
}

}  // namespace

TokenizerParts read_tokenizer(const fs::path& path) {
  std::error_code error;
  const bool is_folder = fs::is_directory(path, error);
  return naming_file(path.string(),
                     [&] { return is_folder ? load_folder(path) : load_file(path); });
}

Tokenizer Tokenizer::load(const fs::path& path) {
  return Tokenizer(std::make_unique<const Implementation>(read_tokenizer(path)));
}

}  // namespace attend

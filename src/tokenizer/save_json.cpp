// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokenizer::save. All files are written under temporary names before the first one gets its own.
// Source: save_pretrained of transformers 4.57, Model::save of tokenizers 0.22.
#include <algorithm>
#include <filesystem>
#include <list>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "attend/core/error.h"
#include "checkpoint/serde_number.h"
#include "checkpoint/temporary_file.h"
#include "tokenizer/parts.h"
#include "tokenizer/slow_files.h"
#include "tokenizer/write_components_json.h"

namespace attend {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view where_save_json = "Tokenizer::save";

// Files of a folder that get their names together.
class FolderWriter {
 public:
  explicit FolderWriter(const std::filesystem::path& folder) : folder_(folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!std::filesystem::is_directory(folder)) {
      fail(ErrorKind::access_denied,
           {.where = std::string(where_save_json),
            .what = "cannot make the folder" + (error ? ": " + error.message() : ""),
            .file = folder.string(),
            .hint = "choose a folder that you may write to"});
    }
  }

  void write(std::string_view name, std::string_view content) {
    std::error_code ignored;  // opening the file says what is wrong
    std::filesystem::create_directories((folder_ / name).parent_path(), ignored);
    TemporaryFile& file = files_.emplace_back(folder_ / name, where_save_json);
    file.write(content.data(), content.size());
    file.flush();
  }
  void commit() {
    for (TemporaryFile& file : files_) file.commit();
  }

 private:
  std::filesystem::path folder_;
  std::list<TemporaryFile> files_;
};

std::string one_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Calls f(id, token) in the order of ids.
template <class F>
void for_each_token(const Vocabulary& vocabulary, F&& f) {
  for (TokenId id = 0; id < static_cast<TokenId>(vocabulary.id_end()); ++id) {
    if (const auto token = vocabulary.token(id)) f(id, *token);
  }
}

Json written_vocabulary(const Vocabulary& vocabulary) {
  Json out = Json::object();
  // emplace_back, not operator[]: a look-up in an ordered object is linear.
  auto& members = out.get_ref<Json::object_t&>();
  members.reserve(static_cast<std::size_t>(vocabulary.size()));
  for_each_token(vocabulary, [&](TokenId id, std::string_view token) {
    members.emplace_back(std::string(token), id);
  });
  return out;
}

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json written_model(const WordPiece& model, const Vocabulary& vocabulary) {
  const WordPieceOptions& options = model.options();
  return {{"type", "WordPiece"},
          {"unk_token", options.unk_token},
          {"continuing_subword_prefix", options.continuing_subword_prefix},
          {"max_input_chars_per_word", options.max_input_chars_per_word},
          {"vocab", written_vocabulary(vocabulary)}};
}

Json written_model(const Bpe& model, const Vocabulary& vocabulary) {
  const BpeOptions& options = model.options();
  Json merges = Json::array();
  for (const auto& [left, right] : model.merges()) {
    Json merge = Json::array();
    merge.push_back(*vocabulary.token(left));
    merge.push_back(*vocabulary.token(right));
    merges.push_back(std::move(merge));
  }
  return {{"type", "BPE"},
          {"dropout", nullptr},
          {"unk_token", options.unk_token ? Json(*options.unk_token) : Json()},
          {"continuing_subword_prefix", or_null(options.continuing_subword_prefix)},
          {"end_of_word_suffix", or_null(options.end_of_word_suffix)},
          {"fuse_unk", options.fuse_unk},
          {"byte_fallback", options.byte_fallback},
          {"ignore_merges", options.ignore_merges},
          {"vocab", written_vocabulary(vocabulary)},
          {"merges", std::move(merges)}};
}

Json written_model(const WordLevel& model, const Vocabulary& vocabulary) {
  return {{"type", "WordLevel"},
          {"vocab", written_vocabulary(vocabulary)},
          {"unk_token", model.options().unk_token}};
}

Json written_model(const SentencePieceModel&, const Vocabulary&) {
  refuse_to_write("a model of SentencePiece");
}

template <class Model>
std::string model_text(const Model& model, const Vocabulary& vocabulary) {
  return one_line(written_model(model, vocabulary));
}

// The JSON library would write scores that the reference reads as others.
std::string model_text(const Unigram& model, const Vocabulary& vocabulary) {
  const auto& unk = model.options().unk_id;
  std::string out = R"({"type":"Unigram","unk_id":)" + (unk ? std::to_string(*unk) : "null");
  std::string_view between = R"(,"vocab":[)";
  for_each_token(vocabulary, [&](TokenId id, std::string_view token) {
    out.append(between).append("[").append(one_line(token)).append(",");
    out.append(serde_text(model.scores()[static_cast<std::size_t>(id)])).append("]");
    between = ",";
  });
  out += vocabulary.size() == 0 ? R"(,"vocab":[])" : "]";
  out += R"(,"byte_fallback":)";
  return out + (model.options().byte_fallback ? "true}" : "false}");
}

// Flags in the order in which transformers writes them.
Json written_flags(const AddedToken& token) {
  return {{"content", token.content},
          {"lstrip", token.lstrip},
          {"normalized", token.normalized},
          {"rstrip", token.rstrip},
          {"single_word", token.single_word}};
}

using AddedById = std::map<TokenId, AddedToken>;

// Calls f(name, id) for the roles that have a token, as transformers names them.
template <class F>
void for_each_role(const SpecialTokens& tokens, F&& f) {
  const ByRole<std::optional<TokenId>> ids = {tokens.bos, tokens.eos, tokens.unk, tokens.sep,
                                              tokens.pad, tokens.cls, tokens.mask};
  for (std::size_t role = 0; role < special_roles; ++role) {
    if (ids[role]) f(std::string(role_keys[role]), *ids[role]);
  }
}

// A token in a role is an added token as soon as a folder is loaded; a bare file may name one for
// padding that is none.
AddedById written_tokens(const TokenizerParts& parts) {
  AddedById tokens = parts.added_tokens.tokens_to_save();
  for_each_role(parts.special_tokens, [&](const std::string&, TokenId id) {
    const auto token = parts.vocabulary.token(id);
    if (!tokens.contains(id) && token) {
      tokens[id] = {.content = std::string(*token), .normalized = false, .special = true};
    }
  });
  return tokens;
}

std::string_view capital_side(Side side) { return side == Side::left ? "Left" : "Right"; }

std::string_view strategy_name(TruncationStrategy strategy) {
  switch (strategy) {
    case TruncationStrategy::longest_first: return "LongestFirst";
    case TruncationStrategy::only_first: return "OnlyFirst";
    case TruncationStrategy::only_second: return "OnlySecond";
  }
  return "LongestFirst";
}

Json written_truncation(const std::optional<Truncation>& truncation) {
  if (!truncation) return nullptr;
  return {{"direction", capital_side(truncation->side)},
          {"max_length", truncation->max_length},
          {"strategy", strategy_name(truncation->strategy)},
          {"stride", truncation->stride}};
}

Json written_padding(const std::optional<StoredPadding>& stored) {
  if (!stored) return nullptr;
  const Padding& padding = stored->padding;
  const Json strategy = padding.length ? Json{{"Fixed", *padding.length}} : Json("BatchLongest");
  const Index multiple = padding.pad_to_multiple_of;
  return {{"strategy", strategy},
          {"direction", capital_side(padding.side.value_or(Side::right))},
          {"pad_to_multiple_of", multiple > 1 ? Json(multiple) : Json()},
          {"pad_id", padding.pad_id.value_or(0)},
          {"pad_type_id", padding.pad_type_id.value_or(0)},
          {"pad_token", stored->pad_token}};
}

std::string tokenizer_json(const TokenizerParts& parts, const AddedById& tokens) {
  Json added = Json::array();
  for (const auto& [id, token] : tokens) {
    Json one = Json::object();
    one["id"] = id;
    one.update(written_flags(token));
    one["special"] = token.special;
    added.push_back(std::move(one));
  }
  std::string out = "{\n\"version\": \"1.0\"";
  const auto member = [&](std::string_view key, const std::string& value) {
    out += ",\n\"";
    out += key;
    out += "\": ";
    out += value;
  };
  member("truncation", one_line(written_truncation(parts.stored_truncation)));
  member("padding", one_line(written_padding(parts.stored_padding)));
  member("added_tokens", one_line(added));
  member("normalizer", write_normalizer(parts.normalizer));
  member("pre_tokenizer", write_pre_tokenizer(parts.pre_tokenizer));
  member("post_processor", write_post_processor(parts.processor, parts.vocabulary));
  member("decoder", write_decoder(parts.decoder));
  member("model", std::visit([&](const auto& model) { return model_text(model, parts.vocabulary); },
                             parts.model));
  return out + "\n}\n";
}

// Special tokens that have no role.
std::vector<AddedToken> further_special_tokens(const TokenizerParts& parts,
                                               const AddedById& tokens) {
  std::vector<AddedToken> out;
  for (const auto& [id, token] : tokens) {
    bool has_role = false;
    for_each_role(parts.special_tokens,
                  [&, id = id](const std::string&, TokenId of_role) { has_role |= of_role == id; });
    if (token.special && !has_role) out.push_back(token);
  }
  return out;
}

Json additional_special_tokens(const TokenizerParts& parts, const AddedById& tokens) {
  if (parts.python) return parts.python->additional;
  Json out = Json::array();
  for (const AddedToken& token : further_special_tokens(parts, tokens)) {
    out.push_back(token.content);
  }
  return out;
}

std::string_view side_name(Side side) {
  switch (side) {
    case Side::right: return "right";
    case Side::left: return "left";
  }
  return "right";
}

// Where ByteLevel is the whole pre-tokenizer, loading a folder sets this flag of it, to false
// unless the folder says otherwise.
bool adds_prefix_space(const PreTokenizer& pre_tokenizer) {
  const auto& steps = pre_tokenizer.steps();
  const auto* split = steps.size() == 1 ? std::get_if<ByteLevelSplit>(&steps[0]) : nullptr;
  return split != nullptr && split->add_prefix_space;
}

// Null says that there is none where the class has one; in the same way a number that means no
// limit.
void write_absent(const TokenizerParts& parts, Json& out) {
  const TokenizerClass* const of = find_tokenizer_class(parts.needed_class);
  if (of == nullptr) return;
  if (!parts.settings.model_max_length && of->model_max_length > 0) out["model_max_length"] = 1e30;
  if (!parts.python) return;
  for (std::size_t role = 0; role < special_roles; ++role) {
    const bool has_default = !of->slow_tokens.contents[role].empty();
    if (has_default && parts.python->roles[role].empty())
      out[std::string(role_keys[role])] = nullptr;
  }
}

// Names that are no names of files go into the list that tokenizer_config.json may have.
bool have_chat_files(const ChatParts& chat) {
  return std::all_of(chat.templates.begin(), chat.templates.end(),
                     [](const NamedText& one) { return chat_file_of(one.first).has_value(); });
}

Json written_names(const std::vector<PythonClass::Named>& names) {
  Json out = Json::object();
  auto& members = out.get_ref<Json::object_t&>();  // as for the vocabulary
  for (const auto& [name, value] : names) members.emplace_back(name, value);
  return out;
}

std::string tokenizer_config(const TokenizerParts& parts, const AddedById& tokens) {
  Json added = Json::object();
  auto& members = added.get_ref<Json::object_t&>();  // as for the vocabulary
  for (const auto& [id, token] : tokens) {
    Json flags = written_flags(token);
    flags["special"] = token.special;
    members.emplace_back(std::to_string(id), std::move(flags));
  }
  Json inputs = {"input_ids"};
  if (parts.settings.has_type_ids) inputs.push_back("token_type_ids");
  if (parts.settings.has_attention_mask) inputs.push_back("attention_mask");

  Json out = {
      {"added_tokens_decoder", std::move(added)},
      {"additional_special_tokens", additional_special_tokens(parts, tokens)},
      {"clean_up_tokenization_spaces", parts.settings.clean_up_tokenization_spaces},
      {"extra_special_tokens",
       written_names(parts.python ? parts.python->extra : std::vector<PythonClass::Named>())},
      {"model_input_names", std::move(inputs)},
      {"padding_side", side_name(parts.settings.padding_side)},
      {"split_special_tokens", !parts.added_tokens.finds_special_tokens()},
      {"tokenizer_class",
       parts.needed_class.empty() ? "PreTrainedTokenizerFast" : parts.needed_class.c_str()},
      {"truncation_side", side_name(parts.settings.truncation_side)}};
  if (const auto& languages = parts.languages) {
    out["src_lang"] = languages->source_code;
    if (!languages->target_code.empty()) out["tgt_lang"] = languages->target_code;
    if (languages->is_legacy) out["legacy_behaviour"] = true;
  }
  if (const auto& infilling = parts.infilling) {
    out["add_bos_token"] = infilling->has_bos;
    out["add_eos_token"] = infilling->has_eos;
    out["fill_token"] = infilling->fill_token;
    out["prefix_token"] = infilling->prefix;
    out["middle_token"] = infilling->middle;
    out["suffix_token"] = infilling->suffix;
  }
  if (adds_prefix_space(parts.pre_tokenizer)) out["add_prefix_space"] = true;
  if (parts.settings.model_max_length) out["model_max_length"] = *parts.settings.model_max_length;
  if (parts.python) {
    out.update(written_names(parts.python->settings));
    if (parts.python->has_target_vocabulary) out["separate_vocabs"] = true;
  }
  write_absent(parts, out);
  if (!have_chat_files(parts.chat)) {
    for (const auto& [name, source] : parts.chat.templates) {
      out["chat_template"].push_back({{"name", name}, {"template", source}});
    }
  }
  for_each_role(parts.special_tokens,
                [&](const std::string& name, TokenId id) { out[name] = tokens.at(id).content; });
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string special_tokens_map(const TokenizerParts& parts, const AddedById& tokens) {
  Json out = Json::object();
  Json further = Json::array();
  for (const AddedToken& token : further_special_tokens(parts, tokens)) {
    further.push_back(written_flags(token));
  }
  if (!further.empty()) out["additional_special_tokens"] = std::move(further);
  for_each_role(parts.special_tokens, [&](const std::string& name, TokenId id) {
    out[name] = written_flags(tokens.at(id));
  });
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Files that only hold a vocabulary cannot hold every one; those that would hold another are not
// written.
void write_vocabulary(const WordPiece&, const Vocabulary& vocabulary, FolderWriter& folder) {
  std::string lines;
  for (TokenId id = 0; id < static_cast<TokenId>(vocabulary.id_end()); ++id) {
    const auto token = vocabulary.token(id);
    if (!token || token->find_first_of("\r\n") != std::string_view::npos) return;
    lines += *token;
    lines += '\n';
  }
  folder.write("vocab.txt", lines);
}

void write_vocabulary(const Bpe& model, const Vocabulary& vocabulary, FolderWriter& folder) {
  std::string lines = "#version: 0.2\n";
  const auto fits = [](std::string_view token) {
    return !token.empty() && token.find_first_of(" \r\n") == std::string_view::npos;
  };
  for (const auto& [left, right] : model.merges()) {
    const std::string_view first = *vocabulary.token(left);
    const std::string_view second = *vocabulary.token(right);
    if (!fits(first) || !fits(second)) return;
    lines.append(first).append(" ").append(second).append("\n");
  }
  folder.write("vocab.json", one_line(written_vocabulary(vocabulary)) + "\n");
  folder.write("merges.txt", lines);
}

void write_vocabulary(const WordLevel&, const Vocabulary& vocabulary, FolderWriter& folder) {
  folder.write("vocab.json", one_line(written_vocabulary(vocabulary)) + "\n");
}

// Its own file would be a model of SentencePiece, which is more than pieces and scores.
void write_vocabulary(const Unigram&, const Vocabulary&, FolderWriter&) {}

// The first tokens of a vocabulary, as Python's json.dump() writes them.
std::string python_vocabulary(const Vocabulary& vocabulary, Index size) {
  Json out = Json::object();
  auto& members = out.get_ref<Json::object_t&>();  // as for other vocabularies
  members.reserve(static_cast<std::size_t>(size));
  for (Index i = 0; i < size; ++i) {
    const auto [token, id] = vocabulary.at(i);
    members.emplace_back(std::string(token), id);
  }
  return out.dump(2, ' ', true, Json::error_handler_t::replace);
}

// Classes that only Python has read no tokenizer.json.
void write_python_files(const TokenizerParts& parts, FolderWriter& folder) {
  const PythonClass& python = *parts.python;
  folder.write("vocab.json", python_vocabulary(parts.vocabulary, python.vocabulary_size));
  for (const auto& [name, bytes] : python.models) folder.write(name, bytes->text());
  nlohmann::json added = nlohmann::json::object();  // in the order of contents
  for (const auto& [id, token] : parts.added_tokens.tokens()) {
    if (id >= python.vocabulary_size) added[token.content] = id;
  }
  if (added.empty()) return;
  folder.write("added_tokens.json",
               added.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void write_fast_files(const TokenizerParts& parts, const AddedById& tokens, FolderWriter& folder) {
  const auto write = [&](const auto& model) {
    if constexpr (!std::is_same_v<std::decay_t<decltype(model)>, SentencePieceModel>) {
      write_vocabulary(model, parts.vocabulary, folder);
    }
  };
  std::visit(write, parts.model);
  folder.write("tokenizer.json", tokenizer_json(parts, tokens));
}

}  // namespace

void Tokenizer::save(const std::filesystem::path& folder) const {
  const TokenizerParts& parts = *implementation_;
  const AddedById tokens = written_tokens(parts);
  FolderWriter out(folder);
  out.write("special_tokens_map.json", special_tokens_map(parts, tokens));
  out.write("tokenizer_config.json", tokenizer_config(parts, tokens));
  if (have_chat_files(parts.chat)) {
    for (const auto& [name, source] : parts.chat.templates) out.write(*chat_file_of(name), source);
  }
  if (parts.python) {
    write_python_files(parts, out);
    if (parts.python->has_target_vocabulary) {
      const Vocabulary& target = implementation_->decoded_vocabulary();
      out.write("target_vocab.json", python_vocabulary(target, target.size()));
    }
  } else {
    write_fast_files(parts, tokens, out);
  }
  out.commit();
}

}  // namespace attend

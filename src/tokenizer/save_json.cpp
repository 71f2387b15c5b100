// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tokenizer::save. All files are written under temporary names before the first one gets its own.
// Source: save_pretrained of transformers 4.57, Model::save of tokenizers 0.22.
#include <filesystem>
#include <list>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "attend/core/error.h"
#include "checkpoint/temporary_file.h"
#include "tokenizer/parts.h"
#include "tokenizer/write_components_json.h"

namespace attend {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view where = "Tokenizer::save";

// Files of a folder that get their names together.
class FolderWriter {
 public:
  explicit FolderWriter(const std::filesystem::path& folder) : folder_(folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!std::filesystem::is_directory(folder)) {
      fail(ErrorKind::access_denied,
           {.where = std::string(where),
            .what = "cannot make the folder" + (error ? ": " + error.message() : ""),
            .file = folder.string()});
    }
  }

  void write(std::string_view name, std::string_view content) {
    TemporaryFile& file = files_.emplace_back(folder_ / name, where);
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

Json written_model(const Unigram& model, const Vocabulary& vocabulary) {
  Json pieces = Json::array();
  for_each_token(vocabulary, [&](TokenId id, std::string_view token) {
    Json piece = Json::array();
    piece.push_back(token);
    piece.push_back(model.scores()[static_cast<std::size_t>(id)]);
    pieces.push_back(std::move(piece));
  });
  const auto& unk = model.options().unk_id;
  return {{"type", "Unigram"},
          {"unk_id", unk ? Json(*unk) : Json()},
          {"vocab", std::move(pieces)},
          {"byte_fallback", model.options().byte_fallback}};
}

Json written_model(const WordLevel& model, const Vocabulary& vocabulary) {
  return {{"type", "WordLevel"},
          {"vocab", written_vocabulary(vocabulary)},
          {"unk_token", model.options().unk_token}};
}

Json written_model(const SentencePieceModel&, const Vocabulary&) {
  refuse_to_write("a model of SentencePiece");
}

// Flags in the order in which transformers writes them.
Json written_flags(const AddedToken& token) {
  return {{"content", token.content},
          {"lstrip", token.lstrip},
          {"normalized", token.normalized},
          {"rstrip", token.rstrip},
          {"single_word", token.single_word}};
}

std::string tokenizer_json(const TokenizerParts& parts) {
  Json added = Json::array();
  for (const auto& [id, token] : parts.added_tokens.tokens()) {
    Json one = Json::object();
    one["id"] = id;
    one.update(written_flags(token));
    one["special"] = token.special;
    added.push_back(std::move(one));
  }
  const Json model = std::visit(
      [&](const auto& known) { return written_model(known, parts.vocabulary); }, parts.model);
  std::string out = "{\n\"version\": \"1.0\",\n\"truncation\": null,\n\"padding\": null";
  const auto member = [&](std::string_view key, const std::string& value) {
    out += ",\n\"";
    out += key;
    out += "\": ";
    out += value;
  };
  member("added_tokens", one_line(added));
  member("normalizer", write_normalizer(parts.normalizer));
  member("pre_tokenizer", write_pre_tokenizer(parts.pre_tokenizer));
  member("post_processor", write_post_processor(parts.processor, parts.vocabulary));
  member("decoder", write_decoder(parts.decoder));
  member("model", one_line(model));
  return out + "\n}\n";
}

// Calls f(name, id) for the roles that have a token, as transformers names them.
template <class F>
void for_each_role(const SpecialTokens& tokens, F&& f) {
  const std::pair<const char*, std::optional<TokenId>> roles[] = {
      {"bos_token", tokens.bos},  {"eos_token", tokens.eos}, {"unk_token", tokens.unk},
      {"sep_token", tokens.sep},  {"pad_token", tokens.pad}, {"cls_token", tokens.cls},
      {"mask_token", tokens.mask}};
  for (const auto& [name, id] : roles) {
    if (id) f(name, *id);
  }
}

// Special tokens that have no role.
std::vector<AddedToken> further_special_tokens(const TokenizerParts& parts) {
  std::vector<AddedToken> out;
  for (const auto& [id, token] : parts.added_tokens.tokens()) {
    bool has_role = false;
    for_each_role(parts.special_tokens,
                  [&, id = id](const char*, TokenId of_role) { has_role |= of_role == id; });
    if (token.special && !has_role) out.push_back(token);
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

std::string tokenizer_config(const TokenizerParts& parts, const Tokenizer& tokenizer) {
  Json added = Json::object();
  auto& members = added.get_ref<Json::object_t&>();  // as for the vocabulary
  for (const auto& [id, token] : parts.added_tokens.tokens()) {
    Json flags = written_flags(token);
    flags["special"] = token.special;
    members.emplace_back(std::to_string(id), std::move(flags));
  }
  Json further = Json::array();
  for (const AddedToken& token : further_special_tokens(parts)) further.push_back(token.content);
  Json inputs = {"input_ids", "attention_mask"};
  if (parts.settings.has_type_ids) inputs = {"input_ids", "token_type_ids", "attention_mask"};

  Json out = {{"added_tokens_decoder", std::move(added)},
              {"additional_special_tokens", std::move(further)},
              {"clean_up_tokenization_spaces", parts.settings.clean_up_tokenization_spaces},
              {"extra_special_tokens", Json::object()},
              {"model_input_names", std::move(inputs)},
              {"padding_side", side_name(parts.settings.padding_side)},
              {"split_special_tokens", !parts.added_tokens.finds_special_tokens()},
              {"tokenizer_class", "PreTrainedTokenizerFast"},
              {"truncation_side", side_name(parts.settings.truncation_side)}};
  if (parts.settings.model_max_length) out["model_max_length"] = *parts.settings.model_max_length;
  for_each_role(parts.special_tokens,
                [&](const char* name, TokenId id) { out[name] = tokenizer.token_of(id); });
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string special_tokens_map(const TokenizerParts& parts, const Tokenizer& tokenizer) {
  Json out = Json::object();
  Json further = Json::array();
  for (const AddedToken& token : further_special_tokens(parts)) {
    further.push_back(written_flags(token));
  }
  if (!further.empty()) out["additional_special_tokens"] = std::move(further);
  for_each_role(parts.special_tokens, [&](const char* name, TokenId id) {
    const AddedToken* token = parts.added_tokens.token(id);
    out[name] = token != nullptr ? written_flags(*token) : Json(tokenizer.token_of(id));
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
void write_vocabulary(const SentencePieceModel&, const Vocabulary&, FolderWriter&) {}

}  // namespace

void Tokenizer::save(const std::filesystem::path& folder) const {
  const TokenizerParts& parts = *implementation_;
  FolderWriter out(folder);
  std::visit([&](const auto& model) { write_vocabulary(model, parts.vocabulary, out); },
             parts.model);
  out.write("special_tokens_map.json", special_tokens_map(parts, *this));
  out.write("tokenizer_config.json", tokenizer_config(parts, *this));
  out.write("tokenizer.json", tokenizer_json(parts));
  out.commit();
}

}  // namespace attend

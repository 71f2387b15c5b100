// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Chat templates of folders: which files they come from, which one a call gets, what they find, and
// where they are saved.
#include <gtest/gtest.h>

#include "attend/tokenizer/tokenizer.h"
#include "core/limits.h"
#include "support/error_of.h"
#include "support/json.h"
#include "support/paths.h"

namespace attend::test {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

/// A tokenizer's folder whose tokenizer_config.json has a chat_template.
class ChatFolder {
 public:
  explicit ChatFolder(const Json& chat_template = nullptr) {
    const fs::path from = tests_folder() / "golden" / "bert-fill-mask";
    for (const char* name : {"tokenizer.json", "special_tokens_map.json"}) {
      fs::copy_file(from / name, folder_.path() / name);
    }
    Json config = read_json_file(from / "tokenizer_config.json");
    config["chat_template"] = chat_template;
    write_file(folder_.path() / "tokenizer_config.json", config.dump());
  }
  ChatFolder& with(const std::string& name, std::string_view content) {
    fs::create_directories((folder_.path() / name).parent_path());
    write_file(folder_.path() / name, content);
    return *this;
  }
  [[nodiscard]] Tokenizer load() const { return Tokenizer::load(folder_.path()); }

 private:
  TemporaryFolder folder_;
};

std::string rendered(const Tokenizer& tokenizer, const ChatTemplateChoice& choice = {}) {
  return tokenizer.chat_template(choice).render({});
}

const Json several = Json::array({{{"name", "default"}, {"template", "plain"}},
                                  {{"name", "tool_use"}, {"template", "tools"}},
                                  {{"name", "rag"}, {"template", "texts"}}});

TEST(ChatFiles, ATextIsTheTemplateOfAllCalls) {
  const Tokenizer tokenizer = ChatFolder("one").load();
  EXPECT_EQ(tokenizer.chat_template_names(), Names{"default"});
  EXPECT_EQ(rendered(tokenizer), "one");
  EXPECT_EQ(rendered(tokenizer, {.has_tools = true}), "one");
  EXPECT_EQ(rendered(tokenizer, {.source = "given {{ sep_token }}"}), "given [SEP]");
}

TEST(ChatFiles, OfSeveralTheNameOrTheToolsDecide) {
  const Tokenizer tokenizer = ChatFolder(several).load();
  EXPECT_EQ(tokenizer.chat_template_names(), (Names{"default", "tool_use", "rag"}));
  EXPECT_EQ(rendered(tokenizer), "plain");
  EXPECT_EQ(rendered(tokenizer, {.has_tools = true}), "tools");
  EXPECT_EQ(rendered(tokenizer, {.name = "rag", .has_tools = true}), "texts");
  expect_error(ErrorKind::config_error, {"\"other\"", "\"tool_use\""},
               [&] { return tokenizer.chat_template({.name = "other"}); });
}

TEST(ChatFiles, WithoutADefaultOneMustBeNamed) {
  const Tokenizer tokenizer = ChatFolder(Json{{"rag", "texts"}}).load();
  EXPECT_EQ(rendered(tokenizer, {.name = "rag"}), "texts");
  expect_error(ErrorKind::config_error, {"one of \"rag\""},
               [&] { return tokenizer.chat_template(); });
}

TEST(ChatFiles, FilesGoBeforeTheConfig) {
  ChatFolder folder(several);
  folder.with("chat_template.jinja", "of a file");
  EXPECT_EQ(folder.load().chat_template_names(), Names{"default"});
  EXPECT_EQ(rendered(folder.load(), {.has_tools = true}), "of a file");
  folder.with("additional_chat_templates/tool_use.jinja", "more")
      .with("additional_chat_templates/readme.txt", "none");
  EXPECT_EQ(folder.load().chat_template_names(), (Names{"default", "tool_use"}));
  EXPECT_EQ(rendered(folder.load(), {.has_tools = true}), "more");
}

TEST(ChatFiles, MostFoldersHaveNone) {
  const Tokenizer tokenizer = ChatFolder().load();
  EXPECT_TRUE(tokenizer.chat_template_names().empty());
  expect_error(ErrorKind::config_error, {"chat_template.jinja", "found none"},
               [&] { return tokenizer.chat_template(); });
}

TEST(ChatFiles, TemplatesFindTheSpecialTokens) {
  ChatFolder folder("{{ cls_token }}{{ sep_token }}{{ bos_token is defined }}");
  EXPECT_EQ(rendered(folder.load()), "[CLS][SEP]False");
  const std::vector<NewToken> more{{.content = "<s>", .role = SpecialRole::bos}};
  EXPECT_EQ(rendered(folder.load().with_added_tokens(more).tokenizer), "[CLS][SEP]True");
}

// A template that is none is an error of the call that wants it: the tokenizer itself is fine.
TEST(ChatFiles, ABrokenTemplateIsNoBrokenTokenizer) {
  const Tokenizer tokenizer = ChatFolder("{% if %}").load();
  EXPECT_FALSE(tokenizer.encode("a").ids.empty());
  expect_error(ErrorKind::invalid_format, {"line 1"}, [&] { return tokenizer.chat_template(); });
}

TEST(ChatFiles, BadFilesAreErrorsThatNameThem) {
  const auto refused = [](const ChatFolder& folder, ErrorKind kind, std::string_view says) {
    expect_error(kind, {says}, [&] { return folder.load(); });
  };
  refused(ChatFolder(1), ErrorKind::tokenizer_error, "/chat_template");
  refused(ChatFolder(Json::array({1})), ErrorKind::tokenizer_error, "/chat_template/0");
  refused(ChatFolder(Json::array({{{"name", "a"}}})), ErrorKind::tokenizer_error, "template");
  refused(ChatFolder().with("chat_template.jinja", "a\xFF"), ErrorKind::invalid_format,
          "chat_template.jinja");
  const std::string large(limits::template_bytes + 1, 'x');
  refused(ChatFolder().with("chat_template.jinja", large), ErrorKind::resource_limit,
          "chat_template.jinja");
}

TEST(ChatFiles, FoldersOfTemplatesAreBounded) {
  const auto folder_of = [](std::size_t files, const std::string& source) {
    ChatFolder folder;
    for (std::size_t i = 0; i < files; ++i) {
      folder.with("additional_chat_templates/" + std::to_string(i) + ".jinja", source);
    }
    return folder.load().chat_template_names().size();
  };
  EXPECT_EQ(folder_of(limits::template_files, "x"), limits::template_files);
  expect_error(ErrorKind::resource_limit, {"additional_chat_templates", "64 files"},
               [&] { return folder_of(limits::template_files + 1, "x"); });
  const std::string large(limits::template_bytes, 'x');
  expect_error(ErrorKind::resource_limit, {"additional_chat_templates", "bytes"},
               [&] { return folder_of(5, large); });
}

void expect_saved_alike(const ChatFolder& folder, const Names& files) {
  const Tokenizer tokenizer = folder.load();
  const TemporaryFolder saved;
  tokenizer.save(saved.path());
  for (const std::string& file : files) EXPECT_TRUE(fs::exists(saved.path() / file)) << file;
  const Tokenizer again = Tokenizer::load(saved.path());
  Names names = tokenizer.chat_template_names();
  for (const std::string& name : names) {
    EXPECT_EQ(again.chat_template({.name = name}).source(),
              tokenizer.chat_template({.name = name}).source());
  }
  EXPECT_EQ(again.chat_template_names().size(), names.size());
}

TEST(ChatFiles, SavedOnesAreLoadedAgain) {
  expect_saved_alike(ChatFolder("a\n{{ x }}\n"), {"chat_template.jinja"});
  expect_saved_alike(ChatFolder(several),
                     {"chat_template.jinja", "additional_chat_templates/tool_use.jinja",
                      "additional_chat_templates/rag.jinja"});
  expect_saved_alike(ChatFolder(), {});
}

// A name may be anything, and a file with it anywhere.
TEST(ChatFiles, NamesThatAreNoFileNamesStayInTheConfig) {
  for (const char* name : {"../outside", "/tmp/outside", "..", "a\\b", ""}) {
    SCOPED_TRACE(name);
    const ChatFolder folder(Json::array(
        {{{"name", name}, {"template", "x"}}, {{"name", "default"}, {"template", "y"}}}));
    const TemporaryFolder parent;
    folder.load().save(parent.path() / "saved");
    EXPECT_FALSE(fs::exists(parent.path() / "outside.jinja"));
    EXPECT_FALSE(fs::exists(parent.path() / "saved" / "chat_template.jinja"));
    const Tokenizer again = Tokenizer::load(parent.path() / "saved");
    EXPECT_EQ(again.chat_template_names(), (Names{name, "default"}));
    EXPECT_EQ(rendered(again), "y");
  }
}

}  // namespace
}  // namespace attend::test

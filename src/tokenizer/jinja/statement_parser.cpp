// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Tags: what they are called, what they hold, where they end.
#include <algorithm>
#include <array>

#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/parser.h"

namespace attend::jinja {
namespace {

using Words = std::initializer_list<std::string_view>;

class StatementParser {
 public:
  explicit StatementParser(TokenStream tokens)
      : tokens_(std::move(tokens)), expressions_(tokens_) {}

  Body run() { return statements({}); }

 private:
  using Parse = Statement (StatementParser::*)();
  struct Tag {
    std::string_view name;
    Parse parse;
  };

  // Until a tag with one of these words, which becomes the current token; or until the end.
  Body statements(Words ends) {
    const Nesting nesting(depth_, tokens_.current().line);
    Body out;
    while (!tokens_.is(TokenType::end)) {
      if (tokens_.is(TokenType::text)) {
        Statement text = statement(StatementKind::text);
        text.text = tokens_.take().text;
        out.push_back(std::move(text));
      } else if (tokens_.is(TokenType::begin_output)) {
        Statement output = statement(StatementKind::output);
        tokens_.take();
        output.expression = expressions_.expression_list({});
        tokens_.expect(TokenType::end_output, "\"}}\"");
        out.push_back(std::move(output));
      } else {
        tokens_.expect(TokenType::begin_tag, "\"{%\"");
        if (is_one_of(ends)) return out;
        tag(out, ends);
        tokens_.expect(TokenType::end_tag, "\"%}\"");
      }
    }
    return out;
  }

  [[nodiscard]] bool is_one_of(Words words) const {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return tokens_.is_name(word); });
  }

  static std::string listed(Words words) {
    std::string out;
    for (const std::string_view word : words) (out += out.empty() ? "" : " or ") += quote(word);
    return out;
  }

  Statement statement(StatementKind kind) const {
    Statement out;
    out.kind = kind;
    out.line = tokens_.current().line;
    return out;
  }

  // The rest of a tag and what stands behind it, until one of these words. The last word's tag is
  // taken when there is only one.
  Body body(Words ends) {
    const std::size_t line = tokens_.current().line;
    tokens_.skip_sign(":");
    tokens_.expect(TokenType::end_tag, "\"%}\"");
    Body out = statements(ends);
    if (tokens_.is(TokenType::end)) {
      raise_syntax("the template ends where " + listed(ends) + " is missing", line);
    }
    if (ends.size() == 1) tokens_.take();
    return out;
  }

  void tag(Body& out, Words ends) {
    static constexpr std::array<Tag, 10> tags{{{"for", &StatementParser::for_tag},
                                               {"if", &StatementParser::if_tag},
                                               {"set", &StatementParser::set_tag},
                                               {"with", &StatementParser::with_tag},
                                               {"macro", &StatementParser::macro_tag},
                                               {"call", &StatementParser::call_tag},
                                               {"generation", &StatementParser::generation_tag},
                                               {"filter", &StatementParser::filter_tag},
                                               {"break", &StatementParser::break_tag},
                                               {"continue", &StatementParser::continue_tag}}};
    static constexpr std::array<std::string_view, 6> others{"block",  "extends", "include",
                                                            "import", "from",    "autoescape"};
    if (!tokens_.is(TokenType::name)) tokens_.fail_unexpected("the name of a tag");
    if (tokens_.is_name("print")) return print_tag(out);
    for (const Tag& one : tags) {
      if (tokens_.is_name(one.name)) {
        out.push_back((this->*one.parse)());
        return;
      }
    }
    const Token& found = tokens_.current();
    if (std::find(others.begin(), others.end(), found.text) != others.end()) {
      throw Failure{ErrorKind::unsupported, "the tag " + quote(found.text), found.line};
    }
    raise_syntax("unknown tag " + quote(found.text) +
                     (ends.size() == 0 ? "" : ", where " + listed(ends) + " is missing"),
                 found.line);
  }

  void print_tag(Body& out) {
    tokens_.take();
    for (bool is_first = true; !tokens_.is(TokenType::end_tag); is_first = false) {
      if (!is_first) tokens_.expect_sign(",");
      Statement output = statement(StatementKind::output);
      output.expression = expressions_.expression();
      out.push_back(std::move(output));
    }
  }

  Statement for_tag() {
    Statement out = statement(StatementKind::for_);
    tokens_.take();
    out.targets.push_back(expressions_.target({.ends_before = "in"}));
    tokens_.expect_name("in");
    out.expression =
        expressions_.expression_list({.has_condition = false, .ends_before = "recursive"});
    if (tokens_.skip_name("if")) {
      out.tests.push_back(expressions_.expression());
      out.test_target = out.targets.front();
    }
    out.is_recursive = tokens_.skip_name("recursive");
    ++loops_;
    out.body = body({"endfor", "else"});
    --loops_;
    if (tokens_.take().text == "else") out.otherwise = body({"endfor"});
    return out;
  }

  Statement if_tag() {
    Statement out = statement(StatementKind::if_);
    for (;;) {
      tokens_.take();  // if, elif
      Branch branch;
      branch.tests.push_back(expressions_.expression_list({.has_condition = false}));
      branch.body = body({"elif", "else", "endif"});
      out.branches.push_back(std::move(branch));
      if (!tokens_.is_name("elif")) break;
    }
    if (tokens_.take().text == "else") {
      Branch branch;
      branch.body = body({"endif"});
      out.branches.push_back(std::move(branch));
    }
    return out;
  }

  Statement set_tag() {
    Statement out = statement(StatementKind::set);
    tokens_.take();
    out.targets.push_back(expressions_.target({.takes_namespace = true}));
    if (tokens_.skip_sign("=")) {
      out.expression = expressions_.expression_list({});
      return out;
    }
    out.kind = StatementKind::set_block;
    out.expression = expressions_.filters(captured(), false);
    out.body = inner_body("endset");
    return out;
  }

  static Expression captured() {
    Expression out;
    out.kind = ExpressionKind::captured;
    return out;
  }

  // A body that is a function of its own in Jinja: no loop outside can be left from it.
  Body function_body(std::string_view end) {
    const std::size_t loops = std::exchange(loops_, 0);
    Body out = inner_body(end);
    loops_ = loops;
    return out;
  }
  Body inner_body(std::string_view end) { return body({end}); }

  Statement with_tag() {
    Statement out = statement(StatementKind::with);
    tokens_.take();
    while (!tokens_.is(TokenType::end_tag)) {
      if (!out.targets.empty()) tokens_.expect_sign(",");
      out.targets.push_back(expressions_.target({}));
      tokens_.expect_sign("=");
      out.values.push_back(expressions_.expression());
    }
    out.body = inner_body("endwith");
    return out;
  }

  void signature(Signature& out) {
    tokens_.expect_sign("(");
    while (!tokens_.is_sign(")")) {
      if (!out.names.empty()) tokens_.expect_sign(",");
      const std::size_t line = tokens_.current().line;
      check_arguments(out.names.size(), line);
      std::string name = tokens_.take_name();
      if (std::find(out.names.begin(), out.names.end(), name) != out.names.end()) {
        raise_syntax("duplicate argument " + quote(name), line);
      }
      out.names.push_back(std::move(name));
      if (tokens_.skip_sign("=")) {
        out.defaults.push_back(expressions_.expression());
      } else if (!out.defaults.empty()) {
        raise_syntax("non-default argument follows default argument", line);
      }
    }
    tokens_.expect_sign(")");
  }

  Statement macro_tag() {
    Statement out = statement(StatementKind::macro);
    tokens_.take();
    out.text = tokens_.take_name();
    signature(out.signature);
    out.body = function_body("endmacro");
    return out;
  }

  Statement call_tag() {
    Statement out = statement(StatementKind::call_block);
    tokens_.take();
    if (tokens_.is_sign("(")) signature(out.signature);
    out.expression = expressions_.expression();
    if (out.expression.kind != ExpressionKind::call) raise_syntax("expected a call", out.line);
    out.body = function_body("endcall");
    return out;
  }

  Statement generation_tag() {
    Statement out = statement(StatementKind::generation);
    tokens_.take();
    out.body = function_body("endgeneration");
    return out;
  }

  Statement filter_tag() {
    Statement out = statement(StatementKind::filter_block);
    tokens_.take();
    out.expression = expressions_.filters(captured(), true);
    out.body = inner_body("endfilter");
    return out;
  }

  Statement loop_control(StatementKind kind) {
    Statement out = statement(kind);
    const std::string word = tokens_.take().text;
    if (loops_ == 0) raise_syntax(quote(word) + " outside of a loop", out.line);
    return out;
  }
  Statement break_tag() { return loop_control(StatementKind::break_); }
  Statement continue_tag() { return loop_control(StatementKind::continue_); }

  TokenStream tokens_;
  ExpressionParser expressions_;
  std::size_t depth_ = 0;
  std::size_t loops_ = 0;
};

}  // namespace

Template parse_template(std::string_view source) {
  Template out;
  out.body = StatementParser(TokenStream(split_tokens(source))).run();
  resolve_names(out);
  return out;
}

}  // namespace attend::jinja

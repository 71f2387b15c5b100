// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// What stands behind a value: attributes, brackets, calls, filters and tests.
#include <array>

#include "tokenizer/jinja/failure.h"
#include "tokenizer/jinja/parser.h"

namespace attend::jinja {

Expression ExpressionParser::postfix(Expression subject) {
  for (;;) {
    if (tokens_.is_sign(".") || tokens_.is_sign("[")) {
      subject = subscript(std::move(subject));
    } else if (tokens_.is_sign("(")) {
      subject = call(std::move(subject));
    } else {
      return subject;
    }
  }
}

Expression ExpressionParser::filters_and_tests(Expression subject) {
  for (;;) {
    if (tokens_.is_sign("|")) {
      subject = filters(std::move(subject), false);
    } else if (tokens_.is_name("is")) {
      subject = test(std::move(subject));
    } else if (tokens_.is_sign("(")) {
      subject = call(std::move(subject));
    } else {
      return subject;
    }
  }
}

Expression ExpressionParser::subscript(Expression subject) {
  if (!tokens_.skip_sign(".")) return bracketed(std::move(subject));
  if (tokens_.is(TokenType::name)) {
    Expression out = around(ExpressionKind::attribute, std::move(subject));
    out.text = tokens_.take_name();
    return out;
  }
  // `list.0`
  Expression out = around(ExpressionKind::element, std::move(subject));
  if (!tokens_.is(TokenType::number) || tokens_.current().number.is(Type::real)) {
    tokens_.fail_unexpected("a name or an integer");
  }
  Expression index = node(ExpressionKind::constant);
  index.constant = tokens_.take().number;
  adopt(out, std::move(index));
  return out;
}

Expression ExpressionParser::bracketed(Expression subject) {
  const std::size_t line = tokens_.current().line;
  tokens_.expect_sign("[");
  const auto part = [&] {
    const bool is_left_out = tokens_.is_sign(":") || tokens_.is_sign("]") || tokens_.is_sign(",");
    return is_left_out ? node(ExpressionKind::constant) : expression();
  };
  if (tokens_.is_sign("]")) tokens_.fail_unexpected("an expression");
  Expression first = part();
  if (tokens_.is_sign(":")) {
    Expression out = around(ExpressionKind::slice, std::move(subject));
    adopt(out, std::move(first));
    tokens_.take();
    adopt(out, part());
    const bool has_step = tokens_.skip_sign(":");
    adopt(out, has_step ? part() : node(ExpressionKind::constant));
    tokens_.expect_sign("]");
    return out;
  }
  if (tokens_.is_sign(",")) {
    Expression key = around(ExpressionKind::tuple, std::move(first));
    while (tokens_.skip_sign(",")) adopt(key, expression());
    first = std::move(key);
  }
  tokens_.expect_sign("]");
  Expression out = around(ExpressionKind::element, std::move(subject));
  out.line = line;
  adopt(out, std::move(first));
  return out;
}

Expression ExpressionParser::call(Expression subject) {
  Expression out = around(ExpressionKind::call, std::move(subject));
  arguments(out);
  return out;
}

void ExpressionParser::arguments(Expression& call) {
  CallForm& form = call.form;
  std::vector<Expression> last;  // of * and **, which stand behind the others
  const auto ensure = [&](bool is_right) {
    if (!is_right)
      raise_syntax("invalid syntax for function call expression", tokens_.current().line);
  };
  tokens_.expect_sign("(");
  for (bool is_first = true; !tokens_.is_sign(")"); is_first = false) {
    if (!is_first) {
      tokens_.expect_sign(",");
      if (tokens_.is_sign(")")) break;
    }
    if (tokens_.skip_sign("*")) {
      ensure(!form.has_list && !form.has_dict);
      form.has_list = true;
      last.push_back(expression());
    } else if (tokens_.skip_sign("**")) {
      ensure(!form.has_dict);
      form.has_dict = true;
      last.push_back(expression());
    } else if (tokens_.is(TokenType::name) && tokens_.ahead().type == TokenType::sign &&
               tokens_.ahead().text == "=") {
      ensure(!form.has_dict);
      check_arguments(form.keywords.size(), tokens_.current().line);
      std::string keyword = tokens_.take_name();
      for (const std::string& known : form.keywords) {
        if (known == keyword)
          raise_syntax("keyword argument repeated: " + quote(keyword), tokens_.current().line);
      }
      form.keywords.push_back(std::move(keyword));
      tokens_.take();
      adopt(call, expression());
    } else {
      ensure(!form.has_list && !form.has_dict && form.keywords.empty());
      ++form.positional;
      adopt(call, expression());
    }
  }
  tokens_.expect_sign(")");
  for (Expression& one : last) adopt(call, std::move(one));
}

std::string ExpressionParser::dotted_name() {
  std::string name = tokens_.take_name();
  while (tokens_.skip_sign(".")) (name += '.') += tokens_.take_name();
  return name;
}

Expression ExpressionParser::filters(Expression subject, bool begins_with_name) {
  while (begins_with_name || tokens_.skip_sign("|")) {
    begins_with_name = false;
    Expression out = around(ExpressionKind::filter, std::move(subject));
    out.line = tokens_.current().line;
    out.text = dotted_name();
    if (tokens_.is_sign("(")) arguments(out);
    subject = std::move(out);
  }
  return subject;
}

Expression ExpressionParser::test(Expression subject) {
  tokens_.expect_name("is");
  const bool is_negated = tokens_.skip_name("not");
  Expression out = around(ExpressionKind::test, std::move(subject));
  out.line = tokens_.current().line;
  out.text = dotted_name();
  const bool is_word = tokens_.is(TokenType::name) && !tokens_.is_name("else") &&
                       !tokens_.is_name("or") && !tokens_.is_name("and");
  const bool has_argument = is_word || tokens_.is(TokenType::string) ||
                            tokens_.is(TokenType::number) || tokens_.is_sign("[") ||
                            tokens_.is_sign("{");
  if (tokens_.is_sign("(")) {
    arguments(out);
  } else if (has_argument) {
    if (tokens_.is_name("is")) {
      raise_syntax("tests cannot be chained with \"is\"", tokens_.current().line);
    }
    adopt(out, postfix(primary()));
    out.form.positional = 1;
  }
  return is_negated ? around(ExpressionKind::logical_not, std::move(out)) : out;
}

}  // namespace attend::jinja

// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The commands that work with a vector a text: embed, similarity and search.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "attend/task/semantic_search.h"
#include "attend/task/sentence_embedding.h"
#include "cli/text_command.h"

namespace attend::cli {
namespace {

// ---- options that they share

template <class T>
using Choices = std::span<const std::pair<std::string_view, T>>;

/// An option that takes one of some names.
template <class T>
void add_choice(CLI::App& command, const std::string& name, Choices<T> choices,
                std::pair<std::optional<T>*, std::string> value_and_about) {
  std::vector<std::string> names;
  for (const auto& [choice, value] : choices) names.emplace_back(choice);
  std::optional<T>* const target = value_and_about.first;
  command
      .add_option_function<std::string>(
          name,
          [choices, target](const std::string& found) {
            for (const auto& [choice, value] : choices) {
              if (choice == found) *target = value;
            }
          },
          value_and_about.second)
      ->type_name("HOW")
      ->transform(CLI::IsMember(names, CLI::ignore_case).description(""));
}

constexpr std::array<std::pair<std::string_view, Similarity>, 4> similarities{
    {{"cosine", Similarity::cosine},
     {"dot", Similarity::dot},
     {"euclidean", Similarity::euclidean},
     {"manhattan", Similarity::manhattan}}};
constexpr std::array<std::pair<std::string_view, LongText>, 2> long_texts{
    {{"truncate", LongText::truncate}, {"mean-of-windows", LongText::mean_of_windows}}};
constexpr std::array<std::pair<std::string_view, TextRole>, 2> roles{
    {{"query", TextRole::query}, {"document", TextRole::document}}};

/// What every one of the commands takes.
struct VectorOptions {
  TextOptions common;
  SentenceEmbeddingOptions call;
  std::optional<LongText> long_text;
  std::optional<Similarity> similarity;

  [[nodiscard]] SentenceEmbeddingOptions embedding() const {
    SentenceEmbeddingOptions options = call;
    options.long_text = long_text.value_or(LongText::truncate);
    return options;
  }
};

void add_long_text_options(CLI::App& command, VectorOptions& options) {
  add_choice<LongText>(
      command, "--long-text", long_texts,
      {&options.long_text,
       "Texts that are longer than the model reads: truncate (default), mean-of-windows"});
  command
      .add_option("--overlap", options.call.window_overlap,
                  "Tokens that neighbouring windows share")
      ->type_name("N")
      ->check(between(0, 1000000));
}

void add_prompt_options(CLI::App& command, VectorOptions& options) {
  command.add_option("--prompt", options.call.prompt, "Put before every text")->type_name("TEXT");
  command
      .add_option("--prompt-name", options.call.prompt_name,
                  "A prompt of the model: query, document ...")
      ->type_name("NAME");
}

void add_similarity_option(CLI::App& command, VectorOptions& options) {
  add_choice<Similarity>(
      command, "--similarity", similarities,
      {&options.similarity,
       "cosine, dot, euclidean or manhattan; what the model asks for when left out"});
}

// ---- embed

struct EmbedOptions : VectorOptions {
  std::optional<TextRole> role;
};

constexpr std::size_t shown_values = 6;      // enough to see that it is a vector
constexpr std::size_t compared_texts = 100;  // a table of more pairs says nothing

/// How near the texts of a run are to the first one, whatever groups they arrive in.
struct Comparison {
  Similarity kind = Similarity::cosine;
  std::optional<Embedding> first = {};
  std::vector<ScoredRow> rows = {};
};

/// The start of each vector.
void print_embeddings(TextRun& run, const Texts& texts, const Outcomes<SentenceEmbedding>& outcomes,
                      Comparison& comparison) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!outcomes[i].ok()) continue;
    const Embedding& vector = outcomes[i].value();
    std::string line = "  " + std::to_string(vector.size()) + " values:";
    for (std::size_t k = 0; k < std::min(shown_values, vector.size()); ++k) {
      line += " " + format_score(vector[k]);
    }
    run.printer().heading(texts[i]);
    run.printer().line(line + (vector.size() > shown_values ? " ..." : ""));
    if (!comparison.first) {
      comparison.first = vector;
    } else if (comparison.rows.size() < compared_texts) {
      comparison.rows.push_back({std::string(name(comparison.kind)),
                                 similarity(comparison.kind, *comparison.first, vector),
                                 std::string(texts[i])});
    }
  }
}

int run_embed(Terminal& terminal, const EmbedOptions& options) {
  const auto task = load<SentenceEmbedding>("embed", options.common);
  SentenceEmbeddingOptions call = options.embedding();
  call.role = options.role.value_or(TextRole::none);
  TextRun run(terminal, options.common);
  Comparison comparison{.kind = task.similarity()};
  const int code =
      run([&](const Texts& texts, const RunOptions& how) { return task.each(texts, call, how); },
          [&](const Texts& texts, const Outcomes<SentenceEmbedding>& outcomes) {
            print_embeddings(run, texts, outcomes, comparison);
          });
  if (!comparison.rows.empty()) {
    run.printer().heading("Similarity to the first text");
    run.printer().rows(comparison.rows, 2);
  }
  return code;
}

void add_embed(CLI::App& app, Session& session) {
  const auto options = std::make_shared<EmbedOptions>();
  CLI::App& command = add_command(
      app, session, {{"embed"}, "Vectors whose nearness is likeness", run_embed}, options);
  add_text_options(command, options->common, "texts", "Texts to embed");
  add_prompt_options(command, *options);
  add_choice<TextRole>(command, "--role", roles,
                       {&options->role, "Take the model's prompt for a query or a document"});
  command.add_option("--truncate-dim", options->call.truncate_dim, "Keep only the first values")
      ->type_name("N")
      ->check(between(1, 1000000));
  command.add_flag("--normalize", options->call.normalize_embeddings, "Scale vectors to length 1");
  add_long_text_options(command, *options);
  command.footer("Example:\n  attend embed \"A cat sleeps.\" \"A kitten naps.\" \"Stocks fell.\"");
}

// ---- texts of which all must be there first

/// Lines and the vectors of those that have one.
struct EmbeddedLines {
  std::vector<InputLine> lines;
  std::vector<Embedding> vectors = {};
  std::vector<std::size_t> places = {};      // of vectors in lines
  std::map<std::size_t, Error> errors = {};  // of the other lines
};

EmbeddedLines embed_all(const SentenceEmbedding& task, TextSource& source,
                        const SentenceEmbeddingOptions& options, TextRun& run) {
  EmbeddedLines all{.lines = source.rest()};
  Texts texts;
  for (const InputLine& line : all.lines) texts.emplace_back(line.text);
  auto outcomes = task.each(texts, options, run.run_options(source));
  for (std::size_t i = 0; i < all.lines.size(); ++i) {
    if (all.lines[i].too_long) {
      all.errors.emplace(i, long_line_error(all.lines[i]));
    } else if (outcomes[i].ok()) {
      all.vectors.push_back(std::move(outcomes[i]).value());
      all.places.push_back(i);
    } else {
      all.errors.emplace(i, outcomes[i].error());
    }
  }
  return all;
}

void report_all(TextRun& run, const EmbeddedLines& all, std::string_view thing) {
  for (const auto& [place, error] : all.errors) {
    run.report(static_cast<Index>(place) + 1, error, thing);
  }
}

// ---- similarity

constexpr std::size_t most_lines = 5000;  // of which each is compared with all

/// One line for `--json`: a text and its scores with all, null where a text has no vector.
void write_scores(std::ostream& out, std::string_view text, std::span<const float> scores,
                  const EmbeddedLines& all) {
  JsonWriter writer;
  writer.begin_object();
  writer.key("text");
  writer.string(text);
  writer.key("result");
  writer.begin_array();
  std::size_t next = 0;
  for (std::size_t i = 0; i < all.lines.size(); ++i) {
    if (next < all.places.size() && all.places[next] == i) {
      writer.number(scores[next++]);
    } else {
      writer.null();
    }
  }
  writer.end_array();
  writer.end_object();
  out << writer.take() << '\n';
}

/// One line for `--json`: a text that has no answer.
void write_failure(std::ostream& out, std::string_view text, const Error& error) {
  JsonWriter writer;
  writer.begin_object();
  writer.key("text");
  writer.string(text);
  write_error(writer, error);
  writer.end_object();
  out << writer.take() << '\n';
}

int run_similarity(Terminal& terminal, const VectorOptions& options) {
  const auto task = load<SentenceEmbedding>("embed", options.common);
  const Similarity kind = options.similarity.value_or(task.similarity());
  TextRun run(terminal, options.common);
  TextSource source(options.common.texts, options.common.file, terminal);
  const EmbeddedLines all = embed_all(task, source, options.embedding(), run);
  report_all(run, all, "text");
  if (all.lines.size() < 2 || all.lines.size() > most_lines) {
    throw UsageError("similarity: expected 2 to " + std::to_string(most_lines) + " texts, found " +
                     std::to_string(all.lines.size()));
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < all.lines.size(); ++i) {
    const std::string& text = all.lines[i].text;
    if (const auto error = all.errors.find(i); error != all.errors.end()) {
      if (options.common.json) write_failure(run.out(), text, error->second);
      continue;
    }
    const Embedding& vector = all.vectors[next];
    std::vector<float> scores;
    for (const Embedding& other : all.vectors) scores.push_back(similarity(kind, vector, other));
    if (options.common.json) {
      write_scores(run.out(), text, scores, all);
    } else if (next + 1 < all.vectors.size()) {
      std::vector<ScoredRow> rows;
      for (std::size_t k = next + 1; k < all.vectors.size(); ++k) {
        rows.push_back({std::string(name(kind)), scores[k], all.lines[all.places[k]].text});
      }
      run.printer().heading(text);
      run.printer().rows(rows, 2);
    }
    ++next;
  }
  return run.code();
}

void add_similarity(CLI::App& app, Session& session) {
  const auto options = std::make_shared<VectorOptions>();
  CLI::App& command =
      add_command(app, session,
                  {{"similarity"}, "How alike texts are, each with each", run_similarity}, options);
  add_text_options(command, options->common, "texts", "Texts to compare");
  add_similarity_option(command, *options);
  add_prompt_options(command, *options);
  add_long_text_options(command, *options);
  command.footer("Example:\n  attend similarity \"A cat sleeps.\" \"A kitten naps.\"");
}

// ---- search

struct SearchCommandOptions : VectorOptions {
  std::string corpus;
  Index top_k = 10;
};

/// A hit with its line, for people and programs.
struct FoundLine {
  SearchHit hit;
  const std::string* text = nullptr;
};

void write_json(JsonWriter& writer, const FoundLine& found) {
  writer.begin_object();
  writer.key("index");
  writer.integer(found.hit.index);
  writer.key("score");
  writer.number(found.hit.score);
  writer.key("text");
  writer.string(*found.text);
  writer.end_object();
}

int run_search(Terminal& terminal, const SearchCommandOptions& options) {
  const bool from_input =
      options.common.texts.empty() && (options.common.file.empty() || options.common.file == "-");
  if (options.corpus == "-" && from_input) {
    throw UsageError("search: --corpus - leaves no input for the queries; name them or a --file");
  }
  const auto task = load<SentenceEmbedding>("embed", options.common);
  const SearchOptions how_to_search{.top_k = options.top_k,
                                    .similarity = options.similarity.value_or(task.similarity())};
  SentenceEmbeddingOptions call = options.embedding();
  TextRun run(terminal, options.common);
  TextSource source({}, options.corpus, terminal);
  call.role = TextRole::document;
  const EmbeddedLines corpus = embed_all(task, source, call, run);
  report_all(run, corpus, "corpus line");
  call.role = TextRole::query;
  using Found = Outcome<std::vector<FoundLine>>;
  return run(
      [&](const Texts& texts, const RunOptions& how) {
        std::vector<Found> all;
        for (const auto& query : task.each(texts, call, how)) {
          if (!query.ok()) {
            all.emplace_back(query.error());
            continue;
          }
          std::vector<FoundLine> found;
          for (SearchHit hit : semantic_search(query.value(), corpus.vectors, how_to_search)) {
            const std::size_t place = corpus.places[static_cast<std::size_t>(hit.index)];
            hit.index = static_cast<Index>(place);
            found.push_back({hit, &corpus.lines[place].text});
          }
          all.emplace_back(std::move(found));
        }
        return all;
      },
      [&](const Texts& texts, const std::vector<Found>& outcomes) {
        for (std::size_t i = 0; i < texts.size(); ++i) {
          if (!outcomes[i].ok()) continue;
          std::vector<ScoredRow> rows;
          for (const FoundLine& found : outcomes[i].value()) {
            rows.push_back({std::to_string(found.hit.index + 1), found.hit.score, *found.text});
          }
          run.printer().heading(texts[i]);
          run.printer().rows(rows, 2);
        }
      });
}

void add_search(CLI::App& app, Session& session) {
  const auto options = std::make_shared<SearchCommandOptions>();
  CLI::App& command = add_command(
      app, session, {{"search"}, "Lines of a file that are near in meaning", run_search}, options);
  add_text_options(command, options->common, "queries", "What is looked for");
  command
      .add_option("--corpus", options->corpus, "The file to search, a text a line; - is the input")
      ->type_name("FILE")
      ->required();
  command.add_option("--top-k", options->top_k, "Lines to show, nearest first")
      ->type_name("N")
      ->check(between(1, 1000000));
  add_similarity_option(command, *options);
  add_long_text_options(command, *options);
  command.footer(
      "Example:\n  attend search \"Who makes music?\" --corpus sentences.txt --top-k 3\n"
      "Queries and lines get the model's own prompts for queries and documents.");
}

}  // namespace

void add_vector_commands(CLI::App& app, Session& session) {
  add_embed(app, session);
  add_similarity(app, session);
  add_search(app, session);
}

}  // namespace attend::cli

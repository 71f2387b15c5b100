// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Options are given by name, one field as well as all, without a warning in programs that have them
// on: this file is the test when it is compiled.
#include <gtest/gtest.h>

#include "attend/attend.h"
#include "attend/batch/bucketing.h"
#include "attend/ops/linear.h"
#include "attend/tokenizer/bpe.h"
#include "attend/tokenizer/unigram.h"
#include "attend/tokenizer/word_level.h"
#include "attend/tokenizer/wordpiece.h"

#pragma GCC diagnostic error "-Wmissing-field-initializers"

namespace attend::test {
namespace {

template <class... Options>
void take(Options&&...) {}

TEST(Options, MayBeGivenByName) {
  take(GenerationConfig{.max_new_tokens = 5, .do_sample = false}, GenerationOptions{.seed = 1},
       TextGenerationOptions{.config = {.max_new_tokens = 5}}, Text2TextOptions{.seed = 1},
       WatermarkingConfig{.bias = 2}, StoppingOptions{.criterion = {}},
       LogitsCallbacks{.prefix_allowed_tokens = {}}, GenerationPrompt{.ids = {}});
  take(TextClassificationOptions{.top_k = 1}, TokenClassificationOptions{.ignore_labels = {}},
       ZeroShotOptions{.candidate_labels = {"a"}}, QuestionAnsweringOptions{.top_k = 2},
       Question{.question = "a", .context = "b"}, FillMaskOptions{.top_k = 2},
       FeatureExtractionOptions{.tokenize = {.max_length = 4}},
       SentenceEmbeddingOptions{.prompt = ""}, RerankOptions{.prompt = ""},
       SearchOptions{.top_k = 1}, SimilarityOptions{.pool = nullptr});
  take(PipelineOptions{.model = "a"}, CallOptions{.generation = GenerationConfig{.top_k = 4}},
       ModelOptions{.pool = nullptr}, RunOptions{.batch_size = 1}, PackOptions{.compute = {}},
       TokenizeOptions{.max_length = 4}, SelftestOptions{.load_mode = LoadMode::read});
  take(EncodeOptions{.add_special_tokens = false}, DecodeOptions{.skip_special_tokens = true},
       ChatOptions{.add_generation_prompt = true}, ChatTemplateChoice{.source = "a"},
       StreamOptions{.skip_special_tokens = true}, NewToken{.content = "a"},
       Truncation{.max_length = 3}, Padding{.length = 3}, TokenizerSettings{.takes_words = false},
       BpeOptions{.fuse_unk = true}, UnigramOptions{.byte_fallback = true},
       WordLevelOptions{.unk_token = "a"}, WordPieceOptions{.unk_token = "a"});
  take(BucketOptions{.max_tokens = 3}, PaddedInput{.ids = {}}, SafetensorsOptions{.mode = {}});
}

}  // namespace
}  // namespace attend::test

// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Forward declarations of the vocabulary, for headers that only name it.
// Include what you use where a type must be complete.
#pragma once

namespace attend {

class Checkpoint;
class Error;
class FeatureExtraction;
class FillMask;
class Model;
class Pipeline;
class QuestionAnswering;
class Rerank;
class SentenceEmbedding;
class TextClassification;
class ThreadPool;
class TokenClassification;
class Tokenizer;
class Workspace;
class ZeroShotClassification;

struct Batch;
struct Encoding;
struct ModelConfig;
struct Prediction;
struct RunOptions;
struct TaskModel;

template <class T>
struct MatrixView;

}  // namespace attend

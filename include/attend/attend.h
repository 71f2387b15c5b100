// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The whole library in one include.
// Programs that want less take the header of the floor that they use.
#pragma once

#include "attend/core/version.h"
#include "attend/model/model.h"
#include "attend/model/selftest.h"
#include "attend/pipeline/model_files.h"
#include "attend/pipeline/pipeline.h"
#include "attend/task/fill_mask.h"
#include "attend/task/metrics.h"
#include "attend/task/question_answering.h"
#include "attend/task/rerank.h"
#include "attend/task/semantic_search.h"
#include "attend/task/summarization.h"
#include "attend/task/text_classification.h"
#include "attend/task/text_generation.h"
#include "attend/task/translation.h"
#include "attend/task/zero_shot.h"
#include "attend/tokenizer/stream_decoder.h"
#include "attend/tokenizer/token_map.h"
#include "attend/tokenizer/tokenizer.h"

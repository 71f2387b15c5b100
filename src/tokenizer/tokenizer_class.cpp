// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The tokenizer classes whose behaviour is known.
// Source: models/*/tokenization_*.py and models/auto/tokenization_auto.py of transformers 4.57.
#include "tokenizer/tokenizer_class.h"

#include <algorithm>
#include <string>

#include "tokenizer/class_adjustments.h"
#include "tokenizer/class_tokens.h"
#include "tokenizer/further_tokens.h"
#include "tokenizer/language_codes.h"
#include "tokenizer/recipes.h"

namespace attend {
namespace class_tokens {  // in which the classes are written
namespace {

constexpr std::string_view vocab_txt = "vocab.txt";
constexpr std::string_view vocab_and_merges = "vocab.json merges.txt";
constexpr std::string_view spiece = "spiece.model";
constexpr std::string_view fairseq_spm = "sentencepiece.bpe.model";
constexpr std::string_view tokenizer_model = "tokenizer.model";

// What classes that copy BERT's differ in.
struct BertFlags {
  bool has_type_ids = true;
  bool slow_clean_up = true;
};

constexpr TokenizerClass bert_like(std::string_view name, std::string_view model_types,
                                   const BertFlags& flags = {}) {
  return {.name = name,
          .tokens = {bert_tokens, names},
          .slow_tokens = {bert_tokens, names},
          .model_types = model_types,
          .slow_files = vocab_txt,
          .recipe = bert_recipe,
          .adjust = adjust_bert,
          .has_type_ids = flags.has_type_ids,
          .slow_clean_up = flags.slow_clean_up};
}

constexpr TokenizerClass roberta_like(std::string_view name, std::string_view model_types,
                                      const Forms& forms, const Forms& slow_forms) {
  return {.name = name,
          .tokens = {roberta_tokens, forms},
          .slow_tokens = {roberta_tokens, slow_forms},
          .model_types = model_types,
          .slow_files = vocab_and_merges,
          .recipe = roberta_recipe,
          .adjust = adjust_trims,
          .words_need_prefix_space = true,
          .has_type_ids = false};
}

constexpr TokenizerClass gpt2_like(std::string_view name, std::string_view model_types,
                                   const Forms& slow_forms) {
  return {.name = name,
          .tokens = {gpt2_tokens, names},
          .slow_tokens = {gpt2_tokens, slow_forms},
          .model_types = model_types,
          .slow_files = vocab_and_merges,
          .recipe = gpt2_recipe,
          .words_need_prefix_space = true,
          .has_type_ids = false};
}

using Recipe = SlowTokenizer (*)(const Conversion&);

constexpr TokenizerClass xlm_roberta_like(std::string_view name, std::string_view model_types,
                                          Recipe recipe) {
  return {.name = name,
          .tokens = {roberta_tokens, names_raw_mask},
          .slow_tokens = {roberta_tokens, names_raw_mask},
          .model_types = model_types,
          .slow_files = fairseq_spm,
          .recipe = recipe,
          .has_type_ids = false};
}

constexpr TokenizerClass t5_like(std::string_view name, std::string_view model_types) {
  return {.name = name,
          .tokens = {t5_tokens, names},
          .slow_tokens = {t5_tokens, raw_eos_unk_pad},
          .model_types = model_types,
          .slow_files = spiece,
          .recipe = t5_recipe,
          .prefix_space_needs_slow_files = true,
          .further_tokens = further_tokens::t5,
          .has_type_ids = false};
}

constexpr TokenizerClass classes[] = {
    {.name = "PreTrainedTokenizer",
     .tokens = {none_of_its_own, names},
     .slow_tokens = {none_of_its_own, names},
     .model_types = "bitnet blt csm falcon glm glm4 glm4_moe glm4v glm4v_moe gpt_oss helium "
                    "kosmos-2.5 modernbert moonshine moshi nemotron pixtral smollm3 voxtral"},

    // WordPiece
    bert_like("BertTokenizer",
              "align bark bert blip bros chinese_clip ernie git grounding-dino megatron-bert "
              "mm-grounding-dino nezha qdqbert tvp vilt visual_bert"),
    bert_like("DistilBertTokenizer", "distilbert", {.has_type_ids = false}),
    bert_like("ElectraTokenizer", "electra"),
    bert_like("MobileBertTokenizer", "mobilebert"),
    bert_like("ConvBertTokenizer", "convbert"),
    bert_like("SqueezeBertTokenizer", "squeezebert"),
    bert_like("LxmertTokenizer", "lxmert"),
    bert_like("LayoutLMTokenizer", "layoutlm"),
    bert_like("DPRQuestionEncoderTokenizer", "dpr"),
    bert_like("DPRContextEncoderTokenizer", ""),
    bert_like("DPRReaderTokenizer", "", {.has_type_ids = false}),
    bert_like("RealmTokenizer", "realm", {.slow_clean_up = false}),
    bert_like("RetriBertTokenizer", "retribert", {.has_type_ids = false, .slow_clean_up = false}),
    {.name = "LayoutLMv2Tokenizer",
     .tokens = {bert_tokens, names},
     .slow_tokens = {bert_tokens, raw_but_bos_eos},
     .model_types = "layoutlmv2",
     .slow_files = vocab_txt,
     .recipe = bert_recipe,
     .adjust = adjust_bert_but_chinese},
    {.name = "SplinterTokenizer",
     .tokens = {bert_tokens, names},
     .slow_tokens = {bert_tokens, names},
     .model_types = "splinter",
     .slow_files = vocab_txt,
     .recipe = splinter_recipe,
     .adjust = adjust_bert_but_chinese,
     .further_tokens = further_tokens::instead<further_tokens::splinter_words>},
    {.name = "MPNetTokenizer",
     .tokens = {mpnet_tokens, raw_all},
     .slow_tokens = {mpnet_tokens, raw_all},
     .model_types = "mpnet",
     .slow_files = vocab_txt,
     .recipe = mpnet_recipe,
     .adjust = adjust_bert_but_chinese,
     .has_type_ids = false,
     .slow_clean_up = true},
    {.name = "FunnelTokenizer",
     .tokens = {xlnet_tokens, names},
     .slow_tokens = {xlnet_tokens, names},
     .model_types = "funnel",
     .slow_files = vocab_txt,
     .recipe = funnel_recipe,
     .adjust = adjust_bert,
     .slow_clean_up = true},

    // BPE over bytes
    gpt2_like("GPT2Tokenizer",
              "blip-2 dbrx emu3 exaone4 flex_olmo gpt2 gpt_bigcode gpt_neo gptj granite granitemoe "
              "granitemoehybrid granitemoeshared instructblip instructblipvideo minimax olmo3 opt "
              "starcoder2",
              normalized_ends),
    gpt2_like("CodeGenTokenizer", "codegen phi", raw_ends),
    roberta_like("RobertaTokenizer",
                 "bridgetower clap data2vec-text ibert mega mra roberta roberta-prelayernorm",
                 names_raw_mask, normalized_but_raw_mask),
    roberta_like("LongformerTokenizer", "longformer", names_raw_mask, normalized_but_raw_mask),
    roberta_like("BartTokenizer", "bart", names_normalized_mask, normalized_all),
    roberta_like("LEDTokenizer", "led", names_normalized_mask, normalized_all),
    roberta_like("MvpTokenizer", "mvp", raw_all, raw_all),
    {.name = "LayoutLMv3Tokenizer",
     .tokens = {roberta_tokens, names},
     .slow_tokens = {roberta_tokens, normalized_all},
     .model_types = "layoutlmv3 lilt",
     .slow_files = vocab_and_merges,
     .recipe = roberta_recipe,
     .adjust = adjust_trims,
     .adds_prefix_space = true,
     .has_type_ids = false},
    {.name = "BlenderbotTokenizer",
     .tokens = {roberta_tokens, names_raw_mask},
     .slow_tokens = {roberta_tokens, normalized_but_raw_mask},
     .model_types = "blenderbot",
     .slow_files = vocab_and_merges,
     .recipe = blenderbot_recipe,
     .adjust = adjust_trims,
     .words_need_prefix_space = true,
     .has_type_ids = false},
    {.name = "DebertaTokenizer",
     .tokens = {deberta_tokens, names},
     .slow_tokens = {deberta_tokens, raw_but_normalized_mask},
     .model_types = "deberta",
     .slow_files = vocab_and_merges,
     .recipe = deberta_recipe,
     .words_need_prefix_space = true},
    {.name = "Qwen2Tokenizer",
     .tokens = {qwen2_tokens, raw_ends},
     .slow_tokens = {qwen2_tokens, raw_ends},
     .model_types =
         "colqwen2 internvl qwen2 qwen2_5_omni qwen2_5_vl qwen2_audio qwen2_moe qwen2_vl "
         "qwen3 qwen3_moe qwen3_next qwen3_omni_moe qwen3_vl qwen3_vl_moe",
     .slow_files = vocab_and_merges,
     .recipe = qwen2_recipe,
     .has_type_ids = false},
    {.name = "CLIPTokenizer",
     .tokens = {clip_tokens, names},
     .slow_tokens = {clip_tokens, normalized_ends_but_pad},
     .model_types = "aimv2 clip clipseg groupvit omdet-turbo oneformer owlv2 owlvit xclip",
     .slow_files = vocab_and_merges,
     .recipe = clip_recipe,
     .adjust = adjust_clip,
     .has_type_ids = false},
    {.name = "OpenAIGPTTokenizer",
     .tokens = {openai_gpt_tokens, names},
     .slow_tokens = {openai_gpt_tokens, names},
     .model_types = "openai-gpt",
     .slow_files = vocab_and_merges,
     .recipe = openai_gpt_recipe,
     .has_type_ids = false},
    {.name = "GPTNeoXTokenizer",
     .tokens = {gpt2_tokens, names},
     .slow_tokens = {gpt2_tokens, names},
     .model_types = "falcon_mamba gpt_neox mamba mamba2 mpt olmo olmo2 olmoe rwkv stablelm xlstm",
     .adjust = adjust_gpt_neox,
     .has_type_ids = false},
    {.name = "BloomTokenizer",
     .tokens = {bloom_tokens, names},
     .slow_tokens = {bloom_tokens, names},
     .model_types = "bloom",
     .adjust = adjust_bloom,
     .words_need_prefix_space = true,
     .has_type_ids = false},
    {.name = "CohereTokenizer",
     .tokens = {cohere_tokens, names},
     .slow_tokens = {cohere_tokens, names},
     .model_types = "aya_vision cohere cohere2",
     .adjust = adjust_cohere,
     .words_need_prefix_space = true,
     .has_type_ids = false,
     .padding_side = Side::left},

    // SentencePiece
    {.name = "AlbertTokenizer",
     .tokens = {albert_tokens, names_raw_mask},
     .slow_tokens = {albert_tokens, names_raw_mask},
     .model_types = "albert nystromformer yoso",
     .slow_files = spiece,
     .recipe = albert_recipe},
    {.name = "FNetTokenizer",
     .tokens = {fnet_tokens, raw_sep_cls_mask},
     .slow_tokens = {fnet_tokens, raw_sep_cls_mask},
     .model_types = "fnet",
     .slow_files = spiece,
     .recipe = fnet_recipe,
     .has_attention_mask = false},
    {.name = "RemBertTokenizer",
     .tokens = {albert_tokens, names_raw_mask},
     .slow_tokens = {deberta_tokens, names_normalized_mask},
     .model_types = "rembert",
     .slow_files = "sentencepiece.model",
     .recipe = rembert_recipe},
    {.name = "XLNetTokenizer",
     .tokens = {xlnet_tokens, names_raw_mask},
     .slow_tokens = {xlnet_tokens, names_raw_mask},
     .model_types = "xlnet",
     .slow_files = spiece,
     .recipe = xlnet_recipe,
     .further_tokens = further_tokens::instead<further_tokens::xlnet_words>,
     .padding_side = Side::left,
     .pad_type_id = 3},
    {.name = "BigBirdTokenizer",
     .tokens = {big_bird_tokens, raw_all},
     .slow_tokens = {big_bird_tokens, normalized_all},
     .model_types = "big_bird",
     .slow_files = spiece,
     .recipe = big_bird_recipe,
     .has_type_ids = false},
    {.name = "DebertaV2Tokenizer",
     .tokens = {deberta_tokens, names},
     .slow_tokens = {deberta_tokens, normalized_unk},
     .model_types = "deberta-v2",
     .slow_files = "spm.model",
     .recipe = deberta_v2_recipe},
    {.name = "CamembertTokenizer",
     .tokens = {roberta_tokens, names_raw_mask},
     .slow_tokens = {roberta_tokens, names_raw_mask},
     .model_types = "camembert",
     .slow_files = fairseq_spm,
     .recipe = camembert_recipe,
     .own_ids = 5,
     .further_tokens = further_tokens::instead<further_tokens::camembert_words>,
     .has_type_ids = false},
    xlm_roberta_like("XLMRobertaTokenizer", "kosmos-2 metaclip_2 xlm-roberta xlm-roberta-xl xmod",
                     xlm_roberta_recipe),
    xlm_roberta_like("LayoutXLMTokenizer", "layoutxlm", xlm_roberta_recipe),
    xlm_roberta_like("BarthezTokenizer", "barthez", barthez_recipe),
    {.name = "XGLMTokenizer",
     .tokens = {maskless_tokens, names},
     .slow_tokens = {maskless_tokens, names},
     .model_types = "xglm",
     .slow_files = fairseq_spm,
     .recipe = xglm_recipe,
     .further_tokens = further_tokens::behind<further_tokens::xglm_words>,
     .has_type_ids = false},
    {.name = "MBartTokenizer",
     .tokens = {roberta_tokens, names_raw_mask},
     .slow_tokens = {roberta_tokens, names_raw_mask},
     .model_types = "mbart",
     .slow_files = fairseq_spm,
     .recipe = mbart_recipe,
     .adjust = adjust_mbart,
     .further_tokens = further_tokens::before<language_codes::mbart>,
     .has_type_ids = false},
    {.name = "MBart50Tokenizer",
     .tokens = {mbart50_tokens, names_raw_mask},
     .slow_tokens = {mbart50_tokens, names_normalized_mask},
     .model_types = "mbart50",
     .slow_files = fairseq_spm,
     .recipe = mbart50_recipe,
     .adjust = adjust_mbart50,
     .further_tokens = further_tokens::behind<language_codes::mbart50>,
     .has_type_ids = false},
    {.name = "NllbTokenizer",
     .tokens = {roberta_tokens, names_normalized_mask},
     .slow_tokens = {roberta_tokens, raw_but_sep_cls},
     .model_types = "nllb nllb-moe",
     .slow_files = fairseq_spm,
     .recipe = nllb_recipe,
     .adjust = adjust_nllb,
     .further_tokens = further_tokens::instead<language_codes::nllb>,
     .has_type_ids = false},
    {.name = "SeamlessM4TTokenizer",
     .tokens = {maskless_tokens, names},
     .slow_tokens = {maskless_tokens, names},
     .model_types = "seamless_m4t seamless_m4t_v2",
     .slow_files = fairseq_spm,
     .recipe = seamless_recipe,
     .adjust = adjust_seamless,
     .has_type_ids = false,
     .pads_to_multiple_of = 2},
    t5_like("T5Tokenizer",
            "longt5 mt5 musicgen musicgen_melody pix2struct switch_transformers t5 umt5"),
    t5_like("MT5Tokenizer", ""),
    {.name = "UdopTokenizer",
     .tokens = {udop_tokens, names},
     .slow_tokens = {udop_tokens, raw_but_bos},
     .model_types = "udop",
     .slow_files = spiece,
     .recipe = udop_recipe,
     .has_type_ids = false},
    {.name = "ReformerTokenizer",
     .tokens = {reformer_tokens, names},
     .slow_tokens = {reformer_tokens, names},
     .model_types = "reformer",
     .slow_files = spiece,
     .recipe = reformer_recipe,
     .has_type_ids = false},
    {.name = "PegasusTokenizer",
     .tokens = {pegasus_tokens, names},
     .slow_tokens = {pegasus_tokens, names},
     .model_types = "bigbird_pegasus pegasus pegasus_x",
     .slow_files = spiece,
     .recipe = pegasus_recipe,
     .further_tokens = further_tokens::pegasus,
     .drops_added_tokens = true,
     .has_type_ids = false},
    {.name = "LlamaTokenizer",
     .tokens = {llama_tokens, names},
     .slow_tokens = {llama_tokens, raw_ends},
     .model_types = "arcee aria chameleon colpali deepseek_v2 deepseek_v3 deepseek_vl "
                    "deepseek_vl_hybrid diffllama ernie4_5 ernie4_5_moe idefics idefics2 idefics3 "
                    "jamba janus jetmoe llama llama4 llama4_text llava llava_next llava_next_video "
                    "llava_onevision ministral mistral mistral3 mixtral mllama paligemma persimmon "
                    "phi3 phimoe video_llava vipllava zamba zamba2",
     .slow_files = tokenizer_model,
     .recipe = llama_recipe,
     .prefix_space_needs_slow_files = true,
     .adjust = adjust_llama,
     .has_type_ids = false,
     .padding_side = Side::left},
    {.name = "CodeLlamaTokenizer",
     .tokens = {llama_tokens, names},
     .slow_tokens = {llama_tokens, raw_ends_but_pad},
     .model_types = "code_llama",
     .slow_files = tokenizer_model,
     .recipe = code_llama_recipe,
     .adjust = adjust_code_llama,
     .further_tokens = further_tokens::code_llama,
     .has_type_ids = false,
     .padding_side = Side::left},
    {.name = "GemmaTokenizer",
     .tokens = {gemma_tokens, names},
     .slow_tokens = {gemma_tokens, raw_ends},
     .model_types = "gemma gemma2 gemma3 gemma3_text gemma3n gemma3n_text recurrent_gemma "
                    "shieldgemma2 siglip2 t5gemma",
     .slow_files = tokenizer_model,
     .recipe = gemma_recipe,
     .adjust = adjust_llama,
     .has_type_ids = false,
     .padding_side = Side::left},

    // Byte-level BPE, from the one file that mistral-common reads
    {.name = mistral_common_class,
     .tokens = {none_of_its_own, names},
     .slow_tokens = {bloom_tokens, names},
     .slow_files = "tekken.json",
     .recipe = tekken_recipe,
     .has_type_ids = false,
     .padding_side = Side::left},

    // SentencePiece as its own library runs it
    {.name = "MarianTokenizer",
     .tokens = {t5_tokens, names},
     .slow_tokens = {t5_tokens, names},
     .model_types = "marian",
     .slow_files = "source.spm target.spm vocab.json",
     .recipe = marian_recipe,
     .is_python_only = true,
     .adjust = adjust_marian,
     .has_type_ids = false,
     .model_max_length = 512},
    {.name = "M2M100Tokenizer",
     .tokens = {m2m100_tokens, names},
     .slow_tokens = {m2m100_tokens, names},
     .model_types = "m2m_100",
     .slow_files = "vocab.json sentencepiece.bpe.model",
     .recipe = m2m100_recipe,
     .is_python_only = true,
     .adjust = adjust_m2m100,
     .has_type_ids = false},
};

}  // namespace
}  // namespace class_tokens

const TokenizerClass* find_tokenizer_class(std::string_view name) noexcept {
  using class_tokens::classes;
  const auto* found = std::find_if(std::begin(classes), std::end(classes),
                                   [&](const TokenizerClass& c) { return c.name == name; });
  return found == std::end(classes) ? nullptr : found;
}

const TokenizerClass* find_class_of_model(std::string_view type) noexcept {
  using class_tokens::classes;
  const auto has_type = [&](const TokenizerClass& c) {
    // A word of the list, blanks around it.
    for (std::size_t at = c.model_types.find(type); at != std::string_view::npos;
         at = c.model_types.find(type, at + 1)) {
      const std::size_t end = at + type.size();
      if ((at == 0 || c.model_types[at - 1] == ' ') &&
          (end == c.model_types.size() || c.model_types[end] == ' ')) {
        return true;
      }
    }
    return false;
  };
  if (type.empty() || type.find(' ') != std::string_view::npos) return nullptr;
  const auto* found = std::find_if(std::begin(classes), std::end(classes), has_type);
  return found == std::end(classes) ? nullptr : found;
}

std::span<const TokenizerClass> tokenizer_classes() noexcept { return class_tokens::classes; }

std::vector<std::string_view> split_words(std::string_view list) {
  std::vector<std::string_view> words;
  for (std::size_t at = list.find_first_not_of(' '); at < list.size();) {
    const std::size_t end = std::min(list.find(' ', at), list.size());
    words.push_back(list.substr(at, end - at));
    at = std::min(list.find_first_not_of(' ', end), list.size());
  }
  return words;
}

}  // namespace attend

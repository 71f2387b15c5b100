// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Detection by cpuid and xgetbv, where a feature counts only when the operating system saves the
// registers that it needs; on AArch64 by what the operating system says of the CPU.
#include "kernels/cpu_features.h"

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace attend::kernels {
namespace {

constexpr FeatureName names[] = {
    {feature_fma, "fma"},
    {feature_avx2, "avx2"},
    {feature_avx512f, "avx512f"},
    {feature_avx512bw, "avx512bw"},
    {feature_avx512dq, "avx512dq"},
    {feature_avx512vl, "avx512vl"},
    {feature_avx512vnni, "avx512vnni"},
    {feature_avx512bf16, "avx512bf16"},
    {feature_amx_tile, "amx_tile"},
    {feature_amx_int8, "amx_int8"},
    {feature_amx_bf16, "amx_bf16"},
    {feature_dotprod, "asimddp"},
    {feature_bf16, "bf16"},
};

#if defined(__x86_64__)

// XCR0: which register states the operating system switches.
std::uint32_t saved_states() noexcept {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0U));
  return low;
}

// Whether the system saves tiles of a process that asks for it.
bool tiles_offered() noexcept {
#if defined(__linux__)
  constexpr long get_supported = 0x1021;            // ARCH_GET_XCOMP_SUPP
  constexpr std::uint64_t tile_data = 1ULL << 18U;  // XFEATURE_XTILEDATA
  std::uint64_t supported = 0;
  return syscall(SYS_arch_prctl, get_supported, &supported) == 0 && (supported & tile_data) != 0;
#else
  return false;
#endif
}

// From the last register of cpuid's leaf 7.
std::uint32_t detect_tiles(std::uint32_t leaf, std::uint32_t states) noexcept {
  constexpr std::uint32_t tile_states = 0x60000U;  // their shapes and their data
  constexpr std::uint32_t tile = 1U << 24U;
  if ((states & tile_states) != tile_states || (leaf & tile) == 0 || !tiles_offered()) return 0;
  std::uint32_t found = feature_amx_tile;
  if ((leaf & 1U << 25U) != 0) found |= feature_amx_int8;
  if ((leaf & 1U << 22U) != 0) found |= feature_amx_bf16;
  return found;
}

std::uint32_t detect() noexcept {
  constexpr std::uint32_t xsave_used = 1U << 27U;  // OSXSAVE: xgetbv may be executed
  constexpr std::uint32_t ymm_states = 0x06U;      // xmm, ymm
  constexpr std::uint32_t zmm_states = 0xE6U;      // and the masks and both parts of the zmm file
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  std::uint32_t d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & xsave_used) == 0) return 0;
  const std::uint32_t states = saved_states();
  if ((states & ymm_states) != ymm_states) return 0;
  std::uint32_t found = 0;
  if ((c & bit_FMA) != 0) found |= feature_fma;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return found;
  if ((b & bit_AVX2) != 0) found |= feature_avx2;
  if ((states & zmm_states) != zmm_states) return found;
  if ((b & bit_AVX512F) != 0) found |= feature_avx512f;
  if ((b & bit_AVX512BW) != 0) found |= feature_avx512bw;
  if ((b & bit_AVX512DQ) != 0) found |= feature_avx512dq;
  if ((b & bit_AVX512VL) != 0) found |= feature_avx512vl;
  if ((c & bit_AVX512VNNI) != 0) found |= feature_avx512vnni;
  found |= detect_tiles(d, states);
  if (__get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & bit_AVX512BF16) != 0) {
    found |= feature_avx512bf16;
  }
  return found;
}

#elif defined(__aarch64__) && defined(__linux__)

std::uint32_t detect() noexcept {
  // Bits of the kernel's interface; headers of older systems do not name all of them.
  constexpr unsigned long hwcap_asimddp = 1UL << 20U;
  constexpr unsigned long hwcap2_bf16 = 1UL << 14U;
  std::uint32_t found = 0;
  if ((getauxval(AT_HWCAP) & hwcap_asimddp) != 0) found |= feature_dotprod;
  if ((getauxval(AT_HWCAP2) & hwcap2_bf16) != 0) found |= feature_bf16;
  return found;
}

#else

std::uint32_t detect() noexcept { return 0; }

#endif

}  // namespace

bool permit_tiles() noexcept {
#if defined(__x86_64__) && defined(__linux__)
  constexpr long request_permission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long tile_data = 18;               // XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}

std::span<const FeatureName> feature_names() noexcept { return names; }

std::uint32_t cpu_features() noexcept {
  static const std::uint32_t found = detect();
  return found;
}

}  // namespace attend::kernels

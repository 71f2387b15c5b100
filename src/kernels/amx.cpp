// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The kernels for 512-bit vectors and AMX, a unit that multiplies tiles of bf16 and of bytes.
// Compiled with flags of its own: see cmake/KernelTargets.cmake.
#define ATTEND_KERNELS amx
#include "kernels/table.inl"
//
#include "kernels/tiles.inl"

namespace attend::kernels::amx {
namespace {

// The instructions by name: compilers know the tiles as literal numbers only.
class AmxUnit {
 public:
  AmxUnit() = default;
  AmxUnit(const AmxUnit&) = delete;
  AmxUnit& operator=(const AmxUnit&) = delete;
  ~AmxUnit() { __asm__ volatile("tilerelease"); }

  // Rows of the upper and of the lower tiles, 0 to 16. All tiles are zero if they change.
  void shape(Extent upper, Extent lower) {
    if (upper == upper_ && lower == lower_) return;
    upper_ = upper;
    lower_ = lower;
    Shapes shapes;
    shapes.set(sums_tile, upper);
    shapes.set(sums_tile + 1, upper);
    shapes.set(sums_tile + 2, lower);
    shapes.set(sums_tile + 3, lower);
    shapes.set(rows_tile, upper);
    shapes.set(rows_tile + 1, lower);
    shapes.set(weights_tile, tile_words);
    shapes.set(weights_tile + 1, tile_words);
    __asm__ volatile("ldtilecfg %0" : : "m"(shapes));
  }

  template <int tile>
  ATTEND_INLINE void clear() {
    __asm__ volatile("tilezero %%tmm%c0" : : "i"(tile));
  }
  template <int tile>
  ATTEND_INLINE void load(const std::byte* from, Extent stride) {
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2"
                     :
                     : "r"(from), "r"(stride), "i"(tile)
                     : "memory");
  }
  template <int tile>
  ATTEND_INLINE void store(float* to, Extent stride) {
    __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)"
                     :
                     : "r"(to), "r"(stride), "i"(tile)
                     : "memory");
  }
  template <Extent values, int sums, int rows, int weights>
  ATTEND_INLINE void multiply() {
    if constexpr (values == Int8Product::values) {
      __asm__ volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0"
                       :
                       : "i"(sums), "i"(rows), "i"(weights));
    } else {
      __asm__ volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0"
                       :
                       : "i"(sums), "i"(rows), "i"(weights));
    }
  }

 private:
  // What ldtilecfg reads.
  struct Shapes {
    std::uint8_t palette = 1;
    std::uint8_t start_row = 0;
    std::uint8_t reserved[14] = {};
    std::uint16_t row_bytes[16] = {};
    std::uint8_t rows[16] = {};

    // A tile without rows has no bytes either, and may not be used.
    void set(int tile, Extent count) {
      row_bytes[tile] = count == 0 ? std::uint16_t{0} : std::uint16_t{tile_row_bytes};
      rows[tile] = static_cast<std::uint8_t>(count);
    }
  };
  static_assert(sizeof(Shapes) == 64);

  Extent upper_ = 0;
  Extent lower_ = 0;
};

constexpr KernelTable make_amx_table() {
  KernelTable made = make_tile_table<AmxUnit>(
      "amx", feature_fma | feature_avx2 | feature_avx512f | feature_avx512bw | feature_avx512dq |
                 feature_avx512vl | feature_avx512vnni | feature_avx512bf16 | feature_amx_tile |
                 feature_amx_int8 | feature_amx_bf16);
  made.only_by_name = true;
  return made;
}

}  // namespace

extern const KernelTable table;
const KernelTable table = make_amx_table();

}  // namespace attend::kernels::amx

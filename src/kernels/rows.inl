// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Row operations. Lanes sum every width-th value, then the lanes are summed by halves; tails are
// padded and run through the same code.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

void activate(const ActivationFunction& activation, float* x, Extent count) noexcept {
  with_activation(activation, [&]<Activation a>() {
    Extent i = 0;
    for (; i + width <= count; i += width) store(x + i, apply<a>(load(x + i), activation));
    if (i == count) return;
    store_part(x + i, apply<a>(load_part(x + i, count - i, 0), activation), count - i);
  });
}

ATTEND_INLINE void layer_norm_row(const Norm& task, const float* x, float* y) {
  const auto count = static_cast<float>(task.columns);
  Vec sum = {};
  for_each_vector(x, task.columns, 0, [&](Extent, Vec v) { sum += v; });
  const float mean = sum_lanes(sum) / count;
  Vec squares = {};
  for_each_vector(x, task.columns, mean, [&](Extent, Vec v) {
    const Vec centred = v - mean;
    squares = fma(centred, centred, squares);
  });
  const float scale = 1.0F / __builtin_sqrtf(sum_lanes(squares) / count + task.eps);
  const auto finish = [&](const auto& bias_at) {
    for_each_vector(x, task.columns, 0, [&](Extent i, Vec v) {
      const Vec gain = load_within(task.gain, i, task.columns);
      store_within(y, i, task.columns, fma((v - mean) * scale, gain, bias_at(i)));
    });
  };
  if (task.bias == nullptr) return finish([](Extent) { return Vec{}; });
  finish([&](Extent i) { return load_within(task.bias, i, task.columns); });
}

void layer_norm(const Norm& task) noexcept {
  for (Extent i = 0; i < task.rows; ++i) {
    layer_norm_row(task, task.x + i * task.x_stride, task.y + i * task.y_stride);
  }
}

void rms_norm(const Norm& task) noexcept {
  for (Extent r = 0; r < task.rows; ++r) {
    const float* x = task.x + r * task.x_stride;
    float* y = task.y + r * task.y_stride;
    Vec squares = {};
    for_each_vector(x, task.columns, 0, [&](Extent, Vec v) { squares = fma(v, v, squares); });
    const float mean = sum_lanes(squares) / static_cast<float>(task.columns);
    const float scale = 1.0F / __builtin_sqrtf(mean + task.eps);
    for_each_vector(x, task.columns, 0, [&](Extent i, Vec v) {
      store_within(y, i, task.columns, v * scale * load_within(task.gain, i, task.columns));
    });
  }
}

// Squares are summed in double precision: those of large values are beyond floats.
void l2_norm(const Rows& task) noexcept {
  using Wide = double __attribute__((vector_size(width * sizeof(double))));
  constexpr float shortest = 1e-12F;  // torch.nn.functional.normalize, eps
  for (Extent r = 0; r < task.rows; ++r) {
    float* x = task.x + r * task.stride;
    Wide squares = {};
    for_each_vector(x, task.columns, 0, [&](Extent, Vec v) {
      const auto wide = __builtin_convertvector(v, Wide);
      squares += wide * wide;
    });
    double sum = 0;
    for (int lane = 0; lane < width; ++lane) sum += squares[lane];
    const auto length = static_cast<float>(__builtin_sqrt(sum));
    const float divisor = length < shortest ? shortest : length;  // NaN stays NaN
    for_each_vector(x, task.columns, 0,
                    [&](Extent i, Vec v) { store_within(x, i, task.columns, v / divisor); });
  }
}

// x[i] = exp((x[i] - max x) * scale); gives their sum. NaN anywhere makes the sum NaN.
inline float exp_row(float* x, Extent count, float scale) {
  constexpr float lowest = -__builtin_inff();
  constexpr float least = -87.0F;  // below lies 0
  Vec largest = broadcast(lowest);
  for_each_vector(x, count, lowest, [&](Extent, Vec v) { largest = max(largest, v); });
  const float maximum = max_lanes(largest);
  Vec sum = {};
  for_each_vector(x, count, lowest, [&](Extent i, Vec v) {
    const Vec exponent = (v - maximum) * scale;
    const Vec near = exp_of_negative(max(broadcast(least), exponent));
    const Vec e = exponent < least ? Vec{} : near;
    sum += e;
    store_within(x, i, count, e);
  });
  return sum_lanes(sum);
}

void softmax(const Rows& task) noexcept {
  for (Extent r = 0; r < task.rows; ++r) {
    float* x = task.x + r * task.stride;
    const float sum = exp_row(x, task.columns, 1.0F);
    for_each_vector(x, task.columns, 0,
                    [&](Extent i, Vec v) { store_within(x, i, task.columns, v / sum); });
  }
}

// By division, as the reference does.
void soft_cap(const Rows& task, float cap) noexcept {
  for (Extent r = 0; r < task.rows; ++r) {
    float* x = task.x + r * task.stride;
    for_each_vector(x, task.columns, 0, [&](Extent i, Vec v) {
      store_within(x, i, task.columns, tanh(v / cap) * cap);
    });
  }
}

// Products are rounded before they are added, so that every table gives the same bits.
void scale(const Scale& task) noexcept {
  for (Extent r = 0; r < task.rows; ++r) {
    float* y = task.y + r * task.y_stride;
    for_each_vector(task.x + r * task.x_stride, task.columns, 0, [&](Extent i, Vec v) {
      const Vec scaled = v * task.scale;
      store_within(y, i, task.columns,
                   task.is_added ? load_within(y, i, task.columns) + scaled : scaled);
    });
  }
}

// Row after row, as scale() adds them.
void pool_sum(const Pool& task) noexcept {
  std::memset(task.y, 0, static_cast<std::size_t>(task.columns) * sizeof(float));
  for (Extent r = 0; r < task.rows; ++r) {
    const float factor = 1.0F + task.step * static_cast<float>(r);
    for_each_vector(task.x + r * task.stride, task.columns, 0, [&](Extent i, Vec v) {
      store_within(task.y, i, task.columns, load_within(task.y, i, task.columns) + v * factor);
    });
  }
  for_each_vector(task.y, task.columns, 0, [&](Extent i, Vec v) {
    store_within(task.y, i, task.columns, v / task.divisor);
  });
}

void pool_max(const Pool& task) noexcept {
  std::memcpy(task.y, task.x, static_cast<std::size_t>(task.columns) * sizeof(float));
  for (Extent r = 1; r < task.rows; ++r) {
    for_each_vector(task.x + r * task.stride, task.columns, 0, [&](Extent i, Vec v) {
      const Vec largest = load_within(task.y, i, task.columns);
      const IntVec is_larger = (v > largest) | (v != v);  // the largest stays if it is NaN
      store_within(task.y, i, task.columns, is_larger ? v : largest);
    });
  }
}

// Products and sums are rounded one by one, as the reference does.
inline void rotate_halves(float* low, const float* cosines, Extent half) {
  float* high = low + half;
  const float* sines = cosines + half;
  for_each_vector(low, half, 0, [&](Extent i, Vec a) {
    const Vec b = load_within(high, i, half);
    const Vec cosine = load_within(cosines, i, half);
    const Vec sine = load_within(sines, i, half);
    store_within(low, i, half, a * cosine - b * sine);
    store_within(high, i, half, b * cosine + a * sine);
  });
}

// The one row operation that is left to compilers: GCC 12 makes vectors of it, by shuffles.
inline void rotate_interleaved(float* x, const float* cosines, Extent half) {
  const float* sines = cosines + half;
  for (Extent i = 0; i < half; ++i) {
    const float a = x[2 * i];
    const float b = x[2 * i + 1];
    x[2 * i] = a * cosines[i] - b * sines[i];
    x[2 * i + 1] = b * cosines[i] + a * sines[i];
  }
}

void rotate(const Rotate& task) noexcept {
  const Extent half = task.size / 2;
  for (Extent r = 0; r < task.rows; ++r) {
    const float* cosines = task.angles + r * task.angles_stride;
    for (Extent h = 0; h < task.heads; ++h) {
      float* x = task.x + r * task.stride + h * task.head_size;
      if (task.is_interleaved) {
        rotate_interleaved(x, cosines, half);
      } else {
        rotate_halves(x, cosines, half);
      }
    }
  }
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS

// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// exp, the activations, for every lane alike. Polynomials are minimax fits of our own; the errors
// in the comments are theirs alone, rounding comes on top. NaN passes through everything.

namespace attend::kernels::ATTEND_KERNELS {
namespace {

// x = n ln 2 + r, |r| <= ln 2 / 2 (Cody & Waite 1980), and exp(r).
struct ExpParts {
  IntVec n;
  Vec exp_r;
};
ATTEND_INLINE ExpParts exp_parts(Vec x) {
  constexpr float log2_e = 1.44269504F;
  constexpr float ln2_high = 0.693359375F;  // 10 bits: n * ln2_high is exact
  constexpr float ln2_low = -2.12194440e-4F;
  constexpr float round_magic = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  const Vec shifted = fma(x, broadcast(log2_e), broadcast(round_magic));
  const Vec n = shifted - round_magic;
  Vec r = fma(n, broadcast(-ln2_high), x);
  r = fma(n, broadcast(-ln2_low), r);
  // (exp(r) - 1 - r) / r^2, so that exp(r) is good to 3.1e-9.
  Vec p = broadcast(1.38146105e-3F);
  p = fma(p, r, broadcast(8.36871122e-3F));
  p = fma(p, r, broadcast(4.16683875e-2F));
  p = fma(p, r, broadcast(1.66665207e-1F));
  p = fma(p, r, broadcast(4.99999935e-1F));
  return {bits(shifted) - bits(broadcast(round_magic)), fma(p, r * r, r) + 1.0F};
}

ATTEND_INLINE Vec exp(Vec x) {
  // Beyond these the result is 0 or infinity.
  x = max(broadcast(-104.0F), x);
  x = min(broadcast(89.0F), x);
  const ExpParts parts = exp_parts(x);
  // 2^n in two steps, because n reaches from -150 to 128.
  const IntVec half = parts.n >> 1;
  return parts.exp_r * from_bits((half + 127) << 23) * from_bits((parts.n - half + 127) << 23);
}

// The same for x from -87 to 0, where n is an exponent as it stands.
ATTEND_INLINE Vec exp_of_negative(Vec x) {
  const ExpParts parts = exp_parts(x);
  return parts.exp_r * from_bits((parts.n + 127) << 23);
}

// erfc(a) = exp(-a^2) P(1 / (1 + 0.4 a)) for 0 <= a < 9.3, the form of Abramowitz & Stegun 7.1.26
// with one more term: good to 2.8e-8.
ATTEND_INLINE Vec erfc(Vec a) {
  const Vec t = 1.0F / fma(a, broadcast(0.4F), broadcast(1.0F));
  Vec p = broadcast(-0.200259044F);
  p = fma(p, t, broadcast(0.709146541F));
  p = fma(p, t, broadcast(-0.370906706F));
  p = fma(p, t, broadcast(0.468273212F));
  p = fma(p, t, broadcast(0.161823932F));
  p = fma(p, t, broadcast(0.231922038F));
  return p * t * exp_of_negative(-(a * a));
}

// x Phi(x) = max(x, 0) - |x| / 2 * erfc(|x| / sqrt 2).
ATTEND_INLINE Vec gelu(Vec x) {
  // Beyond 13 the correction is below 1e-36; the bound keeps infinities out of it.
  const Vec size = min(broadcast(13.0F), abs(x));
  return fma(size * -0.5F, erfc(size * 0.707106781F), max(Vec{}, x));
}

// x / 2 (1 + f(x)) for an f that is x P(x^2) up to |x| = end, and 1 beyond: the same to
// 9e-5 + 3e-5 |x|, in less than half the time, for products whose rows are rounded to 8 bits or
// fewer afterwards.
ATTEND_INLINE Vec gelu_by_polynomial(Vec x, float end, const float (&coefficients)[8]) {
  const Vec near = min(broadcast(end), max(broadcast(-end), x));
  const Vec t = near * near;
  Vec p = broadcast(coefficients[7]);
#pragma GCC unroll 8
  for (int i = 6; i >= 0; --i) p = fma(p, t, broadcast(coefficients[i]));
  const Vec half = 0.5F * x;
  return fma(half, near * p, half);
}

// f(x) = erf(x / sqrt 2).
ATTEND_INLINE Vec gelu_of_rounded(Vec x) {
  static constexpr float coefficients[] = {7.96930790e-1F,  -1.31055012e-1F, 1.85957830e-2F,
                                           -1.90115930e-3F, 1.33762180e-4F,  -6.07456059e-6F,
                                           1.58781049e-7F,  -1.80285609e-9F};
  return gelu_by_polynomial(x, 4.2F, coefficients);
}

// f(x) = tanh(sqrt(2 / pi) (x + 0.044715 x^3)).
ATTEND_INLINE Vec gelu_tanh_of_rounded(Vec x) {
  static constexpr float coefficients[] = {7.97059298e-1F,  -1.31882191e-1F, 1.91203952e-2F,
                                           -2.03398964e-3F, 1.51063723e-4F,  -7.30501915e-6F,
                                           2.04215496e-7F,  -2.48461407e-9F};
  return gelu_by_polynomial(x, 4.1F, coefficients);
}

// The normal distribution with the mean sqrt(1/2) and the variance 1 / (4 pi), to six digits.
ATTEND_INLINE Vec laplace(Vec x) {
  const Vec z = (x - 0.707107F) * 2.50662642F;  // 1 / (0.282095 sqrt 2)
  const Vec half = 0.5F * erfc(min(broadcast(9.0F), abs(z)));
  return z < 0.0F ? half : 1.0F - half;
}

ATTEND_INLINE Vec sigmoid(Vec x) { return 1.0F / (1.0F + exp(-x)); }

ATTEND_INLINE Vec silu(Vec x) { return x / (1.0F + exp(-x)); }

ATTEND_INLINE Vec quick_gelu(Vec x) { return x / (1.0F + exp(-1.702F * x)); }

// With e = exp(x): tanh(log(1 + e)) = n / (n + 2), n = e (e + 2).
ATTEND_INLINE Vec mish(Vec x) {
  const Vec e = exp(min(broadcast(20.0F), x));  // beyond, the quotient is 1
  const Vec n = e * (e + 2.0F);
  return x * (n / (n + 2.0F));
}

// x / 2 (1 + tanh u) = x sigmoid(2u), u = sqrt(2 / pi) (x + 0.044715 x^3).
ATTEND_INLINE Vec gelu_tanh(Vec x) {
  const Vec u2 = x * fma(x * x, broadcast(1.59576912F * 0.044715F), broadcast(1.59576912F));
  return x / (1.0F + exp(-u2));
}

// A polynomial near 0, where 1 - 2 / (exp(2x) + 1) cancels.
ATTEND_INLINE Vec tanh(Vec x) {
  const Vec size = abs(x);
  const Vec square = x * x;
  Vec p = broadcast(-5.71700431e-3F);
  p = fma(p, square, broadcast(2.06505527e-2F));
  p = fma(p, square, broadcast(-5.37434881e-2F));
  p = fma(p, square, broadcast(1.33314912e-1F));
  p = fma(p, square, broadcast(-3.33332839e-1F));
  const Vec near = fma(p * square, x, x);
  const Vec far = 1.0F - 2.0F / (exp(2.0F * size) + 1.0F);
  const Vec signed_far = from_bits(bits(far) | (bits(x) & static_cast<std::int32_t>(0x80000000)));
  return size < 0.625F ? near : signed_far;
}

ATTEND_INLINE Vec relu(Vec x) { return max(Vec{}, x); }

// exp(x) - 1 = tanh(x / 2) (exp(x) + 1), which does not cancel near 0.
ATTEND_INLINE Vec xielu(Vec x, const ActivationFunction& f) {
  const Vec low = min(broadcast(f.largest), x);
  const Vec above_one = tanh(0.5F * low) * (exp(low) + 1.0F);
  const Vec line = f.linear * x;
  return x > 0.0F ? fma(f.positive * x, x, line) : fma(above_one - x, broadcast(f.negative), line);
}

template <Activation activation>
ATTEND_INLINE Vec apply(Vec x, const ActivationFunction& f) {
  switch (activation) {
    case Activation::none: return x;
    case Activation::gelu: return gelu(x);
    case Activation::gelu_tanh: return gelu_tanh(x);
    case Activation::gelu_10: return min(broadcast(10.0F), gelu(x));
    case Activation::quick_gelu: return quick_gelu(x);
    case Activation::relu: return relu(x);
    case Activation::relu2: return relu(x) * relu(x);
    case Activation::relu6: return min(broadcast(6.0F), relu(x));
    case Activation::leaky_relu: return max(0.01F * x, x);
    case Activation::silu: return silu(x);
    case Activation::mish: return mish(x);
    case Activation::tanh: return tanh(x);
    case Activation::sigmoid: return sigmoid(x);
    case Activation::laplace: return laplace(x);
    case Activation::prelu: return x > 0.0F ? x : f.slope * x;
    case Activation::xielu: return xielu(x, f);
  }
  return x;
}

// Calls f.template operator()<activation>(): one branch a call, none in the loops.
template <class F>
ATTEND_INLINE void with_activation(const ActivationFunction& function, const F& f) {
  switch (function.kind) {
    case Activation::none: return f.template operator()<Activation::none>();
    case Activation::gelu: return f.template operator()<Activation::gelu>();
    case Activation::gelu_tanh: return f.template operator()<Activation::gelu_tanh>();
    case Activation::gelu_10: return f.template operator()<Activation::gelu_10>();
    case Activation::quick_gelu: return f.template operator()<Activation::quick_gelu>();
    case Activation::relu: return f.template operator()<Activation::relu>();
    case Activation::relu2: return f.template operator()<Activation::relu2>();
    case Activation::relu6: return f.template operator()<Activation::relu6>();
    case Activation::leaky_relu: return f.template operator()<Activation::leaky_relu>();
    case Activation::silu: return f.template operator()<Activation::silu>();
    case Activation::mish: return f.template operator()<Activation::mish>();
    case Activation::tanh: return f.template operator()<Activation::tanh>();
    case Activation::sigmoid: return f.template operator()<Activation::sigmoid>();
    case Activation::laplace: return f.template operator()<Activation::laplace>();
    case Activation::prelu: return f.template operator()<Activation::prelu>();
    case Activation::xielu: return f.template operator()<Activation::xielu>();
  }
}

}  // namespace
}  // namespace attend::kernels::ATTEND_KERNELS

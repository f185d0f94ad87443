// Tiles of matrix products, as plain loops with exact sums: docs/numerics.md section 5.
#include "model/ops/sgd.hpp"
#include "sim/mapping/geometry.hpp"
#include "sim/program/execute/executor.hpp"

namespace octet::sim {

void Executor::gemm(const Command& c) {
  switch (c.phase) {
    case Phase::kForward:
      return gemm_forward(c);
    case Phase::kDataGradient:
      return gemm_data_gradient(c);
    case Phase::kWeightGradient:
      return gemm_weight_gradient(c);
    case Phase::kUpdate:
      return;
  }
}

namespace {

struct Pixel {
  std::int64_t image, y, x;
};
Pixel pixel_of(std::int64_t p, std::int64_t height, std::int64_t width) {
  return {p / (height * width), p / width % height, p % width};
}

// Tap and input channel of one step of the reduction.
struct Tap {
  std::int64_t i, j, c;
};
Tap tap_of(std::int64_t k, const GemmShape& s) {
  return {k / s.in_g() / s.x.kernel, k / s.in_g() % s.x.kernel, k % s.in_g()};
}

// Flat index of the input pixel under a tap, or -1 outside the image.
std::int64_t input_at(const Pixel& o, const Tap& t, const GemmShape& s) {
  const std::int64_t v = o.y * s.y.stride + t.i * s.y.dilation - s.y.pad;
  const std::int64_t u = o.x * s.x.stride + t.j * s.x.dilation - s.x.pad;
  if (v < 0 || v >= s.y.in || u < 0 || u >= s.x.in) return -1;
  return (o.image * s.y.in + v) * s.x.in + u;
}

}  // namespace

void Executor::gemm_forward(const Command& c) {
  const GemmShape s = gemm_shape(node(c.layer), program_.batch);
  const Value& x = at(c.a);
  const Value& w = at(c.b);
  Value& out = at(c.out);
  out.scales = {x.params.scale * w.params.scale};
  for (std::int64_t p = c.m0; p < c.m0 + c.m; ++p) {
    const Pixel pixel = pixel_of(p, s.y.out, s.x.out);
    for (std::int64_t g = c.g0; g < c.g0 + c.g; ++g) {
      for (std::int64_t n = c.n0; n < c.n0 + c.n; ++n) {
        const std::int64_t o = g * s.out_g() + n;
        std::int32_t sum = 0;
        for (std::int64_t k = c.k0; k < c.k0 + c.k; ++k) {
          const Tap tap = tap_of(k, s);
          const std::int64_t in = input_at(pixel, tap, s);
          if (in < 0) continue;
          sum += (x.u8[in * s.in_c + g * s.in_g() + tap.c] - x.params.zero_point) *
                 (w.u8[o * s.reduction() + k] - w.params.zero_point);
        }
        std::int32_t& result = out.i32[p * s.out_c + o];
        const std::int32_t bias = (c.flags & kBias) != 0 ? out.bias[o] : 0;
        result = sum + (c.accumulate != 0 ? result : bias);
      }
    }
  }
}

void Executor::gemm_data_gradient(const Command& c) {
  const GemmShape s = gemm_shape(node(c.layer), program_.batch);
  const Value& g8 = at(c.a);
  const Value& w = at(c.b);
  Value& out = at(c.out);
  out.scales = {g8.params.scale * w.params.scale};
  for (std::int64_t p = c.m0; p < c.m0 + c.m; ++p) {
    const Pixel in = pixel_of(p, s.y.in, s.x.in);
    if (in.y % s.y.stride != c.phase_y || in.x % s.x.stride != c.phase_x) continue;
    for (std::int64_t g = c.g0; g < c.g0 + c.g; ++g) {
      for (std::int64_t n = c.n0; n < c.n0 + c.n; ++n) {
        std::int32_t sum = 0;
        for (std::int64_t i = 0; i < s.y.kernel; ++i) {
          const std::int64_t y = in.y + s.y.pad - i * s.y.dilation;
          if (y < 0 || y % s.y.stride != 0 || y / s.y.stride >= s.y.out) continue;
          for (std::int64_t j = 0; j < s.x.kernel; ++j) {
            const std::int64_t x = in.x + s.x.pad - j * s.x.dilation;
            if (x < 0 || x % s.x.stride != 0 || x / s.x.stride >= s.x.out) continue;
            const std::int64_t from =
                ((in.image * s.y.out + y / s.y.stride) * s.x.out + x / s.x.stride) * s.out_c;
            for (std::int64_t k = c.k0; k < c.k0 + c.k; ++k) {
              const std::int64_t o = g * s.out_g() + k;
              sum += (g8.u8[from + o] - g8.params.zero_point) *
                     (w.u8[((o * s.y.kernel + i) * s.x.kernel + j) * s.in_g() + n] -
                      w.params.zero_point);
            }
          }
        }
        std::int32_t& result = out.i32[p * s.in_c + g * s.in_g() + n];
        result = sum + (c.accumulate != 0 ? result : 0);
      }
    }
  }
}

void Executor::gemm_weight_gradient(const Command& c) {
  const GemmShape s = gemm_shape(node(c.layer), program_.batch);
  const Value& x = at(c.a);
  const Value& gradient = at(c.b);
  Value& out = at(c.out);
  for (std::int64_t g = c.g0; g < c.g0 + c.g; ++g) {
    for (std::int64_t n = c.n0; n < c.n0 + c.n; ++n) {
      const std::int64_t o = g * s.out_g() + n;
      for (std::int64_t m = c.m0; m < c.m0 + c.m; ++m) {
        const Tap tap = tap_of(m, s);
        std::int64_t sum = 0;
        for (std::int64_t p = c.k0; p < c.k0 + c.k; ++p) {
          const std::int64_t in = input_at(pixel_of(p, s.y.out, s.x.out), tap, s);
          if (in < 0) continue;
          sum += std::int64_t{gradient.code(p * s.out_c + o) - gradient.params.zero_point} *
                 (x.u8[in * s.in_c + g * s.in_g() + tap.c] - x.params.zero_point);
        }
        std::int64_t& result = out.i64[o * s.reduction() + m];
        result = sum + (c.accumulate != 0 ? result : 0);
      }
    }
  }
}

void Executor::bias_sum(const Command& c) {
  const Value& gradient = at(c.a);
  Value& out = at(c.out);
  const auto channels = static_cast<std::size_t>(info(c.a).channels);
  if (c.accumulate == 0) {
    const std::int64_t n0 = c.n > 0 ? c.n0 : 0;
    const std::int64_t n = c.n > 0 ? c.n : static_cast<std::int64_t>(channels);
    for (std::int64_t o = n0; o < n0 + n; ++o) out.i64[o] = 0;
  }
  for_each_element(c, [&](std::size_t i) {
    out.i64[i % channels] += gradient.code(i) - gradient.params.zero_point;
  });
}

void Executor::gradient(const Command& c) {
  Value& out = at(c.out);
  const float scale =
      (c.flags & kBias) != 0 ? at(c.b).params.scale : at(c.b).params.scale * at(c.c).params.scale;
  for_each_element(c, [&](std::size_t i) {
    model::gradient_to_float(std::span(out.i64).subspan(i, 1), scale,
                             std::span(out.f32).subspan(i, 1));
  });
}

}  // namespace octet::sim

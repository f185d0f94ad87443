#include <algorithm>
#include <cstddef>

#include "model/float32/elementwise.hpp"

namespace octet::model::float32 {
namespace {

// A window cut to the image: rows [top, bottom), columns [left, right).
struct Cut {
  int top, bottom, left, right;
};

Cut cut_window(const PoolShape& s, int y, int x) {
  const int top = y * s.stride_h - s.pad_h;
  const int left = x * s.stride_w - s.pad_w;
  return {std::max(top, 0), std::min(top + s.kernel_h, s.in_h), std::max(left, 0),
          std::min(left + s.kernel_w, s.in_w)};
}

std::size_t in_image(const PoolShape& s) {
  return static_cast<std::size_t>(s.in_h) * static_cast<std::size_t>(s.in_w) *
         static_cast<std::size_t>(s.channels);
}

std::size_t out_image(const PoolShape& s) {
  return static_cast<std::size_t>(s.out_h) * static_cast<std::size_t>(s.out_w) *
         static_cast<std::size_t>(s.channels);
}

// visit(output, input) for every element of every window of one image, both as the index of
// channel 0 in the image; windows in order, and rows then columns inside a window.
template <class Visit>
void each_pair(const PoolShape& s, const Visit& visit) {
  for (int y = 0; y < s.out_h; ++y)
    for (int x = 0; x < s.out_w; ++x) {
      const Cut cut = cut_window(s, y, x);
      const auto out = (std::int64_t{y} * s.out_w + x) * s.channels;
      for (int v = cut.top; v < cut.bottom; ++v)
        for (int u = cut.left; u < cut.right; ++u)
          visit(out, (std::int64_t{v} * s.in_w + u) * s.channels, v == cut.top && u == cut.left);
    }
}

void take_first(const float* __restrict x, std::int32_t at, int channels, float* __restrict y,
                std::int32_t* __restrict where) {
  for (int c = 0; c < channels; ++c) {
    y[c] = x[c];
    where[c] = at + c;
  }
}

void take_larger(const float* __restrict x, std::int32_t at, int channels, float* __restrict y,
                 std::int32_t* __restrict where) {
  for (int c = 0; c < channels; ++c) {
    const bool larger = x[c] > y[c];
    where[c] = larger ? at + c : where[c];
    y[c] = larger ? x[c] : y[c];
  }
}

void add_scaled(const float* __restrict x, float scale, int channels, float* __restrict y) {
  for (int c = 0; c < channels; ++c) y[c] += x[c] * scale;
}

float area_share(const PoolShape& s) { return 1.0F / static_cast<float>(s.kernel_h * s.kernel_w); }

}  // namespace

void max_pool_forward(const PoolShape& shape, std::span<const float> x, std::span<float> y,
                      std::span<std::int32_t> where) {
  for (int n = 0; n < shape.batch; ++n) {
    const auto image = static_cast<std::size_t>(n);
    const float* in = x.data() + image * in_image(shape);
    float* out = y.data() + image * out_image(shape);
    std::int32_t* winner = where.data() + image * out_image(shape);
    each_pair(shape, [&](std::int64_t to, std::int64_t from, bool first) {
      const auto take = first ? take_first : take_larger;
      take(in + from, static_cast<std::int32_t>(from), shape.channels, out + to, winner + to);
    });
  }
}

void max_pool_backward(const PoolShape& shape, std::span<const float> dy,
                       std::span<const std::int32_t> where, std::span<float> dx) {
  for (int n = 0; n < shape.batch; ++n) {
    const auto image = static_cast<std::size_t>(n);
    float* out = dx.data() + image * in_image(shape);
    std::fill_n(out, in_image(shape), 0.0F);
    const std::size_t first = image * out_image(shape);
    for (std::size_t i = first; i < first + out_image(shape); ++i) out[where[i]] += dy[i];
  }
}

void avg_pool_forward(const PoolShape& shape, std::span<const float> x, std::span<float> y) {
  for (int n = 0; n < shape.batch; ++n) {
    const auto image = static_cast<std::size_t>(n);
    const float* in = x.data() + image * in_image(shape);
    float* out = y.data() + image * out_image(shape);
    std::fill_n(out, out_image(shape), 0.0F);
    each_pair(shape, [&](std::int64_t to, std::int64_t from, bool) {
      add_scaled(in + from, area_share(shape), shape.channels, out + to);
    });
  }
}

void avg_pool_backward(const PoolShape& shape, std::span<const float> dy, std::span<float> dx) {
  for (int n = 0; n < shape.batch; ++n) {
    const auto image = static_cast<std::size_t>(n);
    const float* in = dy.data() + image * out_image(shape);
    float* out = dx.data() + image * in_image(shape);
    std::fill_n(out, in_image(shape), 0.0F);
    each_pair(shape, [&](std::int64_t to, std::int64_t from, bool) {
      add_scaled(in + to, area_share(shape), shape.channels, out + from);
    });
  }
}

}  // namespace octet::model::float32

#include "model/ops/pool_fast.hpp"

#include <algorithm>

#include "model/kernels/kernels.hpp"

namespace octet::model {
namespace {

// body(first element of the output pixel, first element of the input pixel, whether it is the
// window's first) for all pixels of all windows that lie in the image, windows in order.
template <class Body>
void for_each_pixel(const PoolShape& s, Body body) {
  std::int64_t out = 0;
  for (int n = 0; n < s.batch; ++n)
    for (int row = 0; row < s.out_h; ++row)
      for (int column = 0; column < s.out_w; ++column, out += s.channels) {
        bool first = true;
        for (int i = 0; i < s.kernel_h; ++i)
          for (int j = 0; j < s.kernel_w; ++j) {
            const int v = row * s.stride_h + i - s.pad_h;
            const int u = column * s.stride_w + j - s.pad_w;
            if (v < 0 || v >= s.in_h || u < 0 || u >= s.in_w) continue;
            body(out, ((std::int64_t{n} * s.in_h + v) * s.in_w + u) * s.channels, first);
            first = false;
          }
      }
}

}  // namespace

void max_pool_forward(const PoolShape& s, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y, std::span<std::int32_t> where) {
  for_each_pixel(s, [&](std::int64_t out, std::int64_t in, bool first) {
    kernels().pool_maximum(x.data() + in, static_cast<std::int32_t>(in),
                           static_cast<std::size_t>(s.channels), first, y.data() + out,
                           where.data() + out);
  });
}

void avg_pool_forward(const PoolShape& s, std::span<const std::uint8_t> x, std::int32_t zero_point,
                      std::span<std::int32_t> y) {
  std::fill(y.begin(), y.end(), 0);
  for_each_pixel(s, [&](std::int64_t out, std::int64_t in, bool /*first*/) {
    kernels().accumulate_codes(x.data() + in, zero_point, static_cast<std::size_t>(s.channels),
                               y.data() + out);
  });
}

void avg_pool_backward(const PoolShape& s, std::span<const std::int32_t> dy,
                       std::span<std::int32_t> dx) {
  std::fill(dx.begin(), dx.end(), 0);
  for_each_pixel(s, [&](std::int64_t out, std::int64_t in, bool /*first*/) {
    kernels().accumulate(dy.data() + out, static_cast<std::size_t>(s.channels), dx.data() + in);
  });
}

}  // namespace octet::model

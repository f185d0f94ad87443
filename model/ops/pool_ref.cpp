#include <algorithm>

#include "model/ops/pool.hpp"

namespace octet::model {
namespace {

// Calls window(output index) and then element(output index, input index) for each element of the
// window that lies inside the image, in window order.
template <class Window, class Element>
void for_each_window(const PoolShape& s, const Window& window, const Element& element) {
  std::int64_t out = 0;
  for (int n = 0; n < s.batch; ++n)
    for (int y = 0; y < s.out_h; ++y)
      for (int x = 0; x < s.out_w; ++x)
        for (int c = 0; c < s.channels; ++c, ++out) {
          window(out);
          for (int i = 0; i < s.kernel_h; ++i)
            for (int j = 0; j < s.kernel_w; ++j) {
              const int v = y * s.stride_h + i - s.pad_h;
              const int u = x * s.stride_w + j - s.pad_w;
              if (v < 0 || v >= s.in_h || u < 0 || u >= s.in_w) continue;
              element(out, ((std::int64_t{n} * s.in_h + v) * s.in_w + u) * s.channels + c);
            }
        }
}

}  // namespace

void max_pool_forward_ref(const PoolShape& shape, std::span<const std::uint8_t> x,
                          std::span<std::uint8_t> y, std::span<std::int32_t> where) {
  for_each_window(
      shape, [&](std::int64_t out) { where[out] = -1; },
      [&](std::int64_t out, std::int64_t in) {
        if (where[out] >= 0 && x[in] <= y[out]) return;
        y[out] = x[in];
        where[out] = static_cast<std::int32_t>(in);
      });
}

void max_pool_backward_ref(std::span<const std::int32_t> dy, std::span<const std::int32_t> where,
                           std::span<std::int32_t> dx) {
  std::fill(dx.begin(), dx.end(), 0);
  for (std::size_t i = 0; i < dy.size(); ++i) dx[where[i]] += dy[i];
}

void avg_pool_forward_ref(const PoolShape& shape, std::span<const std::uint8_t> x,
                          std::int32_t zero_point, std::span<std::int32_t> y) {
  for_each_window(
      shape, [&](std::int64_t out) { y[out] = 0; },
      [&](std::int64_t out, std::int64_t in) { y[out] += x[in] - zero_point; });
}

void avg_pool_backward_ref(const PoolShape& shape, std::span<const std::int32_t> dy,
                           std::span<std::int32_t> dx) {
  std::fill(dx.begin(), dx.end(), 0);
  for_each_window(
      shape, [](std::int64_t) {}, [&](std::int64_t out, std::int64_t in) { dx[in] += dy[out]; });
}

}  // namespace octet::model

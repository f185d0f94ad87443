#include "model/ops/pool_fast.hpp"

#include "model/kernels/kernels.hpp"

namespace octet::model {

void max_pool_forward(const PoolShape& s, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y, std::span<std::int32_t> where) {
  std::uint8_t* best = y.data();
  std::int32_t* winner = where.data();
  for (int n = 0; n < s.batch; ++n)
    for (int row = 0; row < s.out_h; ++row)
      for (int column = 0; column < s.out_w; ++column, best += s.channels, winner += s.channels) {
        bool first = true;
        for (int i = 0; i < s.kernel_h; ++i)
          for (int j = 0; j < s.kernel_w; ++j) {
            const int v = row * s.stride_h + i - s.pad_h;
            const int u = column * s.stride_w + j - s.pad_w;
            if (v < 0 || v >= s.in_h || u < 0 || u >= s.in_w) continue;
            const auto base = static_cast<std::int32_t>(
                ((std::int64_t{n} * s.in_h + v) * s.in_w + u) * s.channels);
            kernels().pool_maximum(x.data() + base, base, static_cast<std::size_t>(s.channels),
                                   first, best, winner);
            first = false;
          }
      }
}

}  // namespace octet::model

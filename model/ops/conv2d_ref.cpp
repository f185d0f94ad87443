#include <algorithm>

#include "model/ops/conv2d.hpp"

namespace octet::model {
namespace {

// Calls visit(output pixel m, channel o, weight index, input index) for every product of the
// convolution whose input lies inside the image: the definition that all three passes share.
template <class Visit>
void for_each_product(const ConvShape& s, const Visit& visit) {
  const int group_in = s.in_c / s.groups;
  const int group_out = s.out_c / s.groups;
  for (int n = 0; n < s.batch; ++n)
    for (int y = 0; y < s.out_h; ++y)
      for (int x = 0; x < s.out_w; ++x)
        for (int o = 0; o < s.out_c; ++o)
          for (int i = 0; i < s.kernel_h; ++i)
            for (int j = 0; j < s.kernel_w; ++j) {
              const int v = y * s.stride_h + i * s.dilation_h - s.pad_h;
              const int u = x * s.stride_w + j * s.dilation_w - s.pad_w;
              if (v < 0 || v >= s.in_h || u < 0 || u >= s.in_w) continue;
              const std::int64_t out =
                  ((std::int64_t{n} * s.out_h + y) * s.out_w + x) * s.out_c + o;
              const std::int64_t w =
                  ((std::int64_t{o} * s.kernel_h + i) * s.kernel_w + j) * group_in;
              const std::int64_t in = ((std::int64_t{n} * s.in_h + v) * s.in_w + u) * s.in_c +
                                      std::int64_t{o / group_out} * group_in;
              for (int c = 0; c < group_in; ++c) visit(out, o, w + c, in + c);
            }
}

}  // namespace

void conv2d_forward_ref(const ConvShape& shape, const Codes<std::uint8_t>& x,
                        const Codes<std::uint8_t>& w, std::span<const std::int32_t> bias,
                        std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = bias.empty() ? 0 : bias[i % static_cast<std::size_t>(shape.out_c)];
  for_each_product(shape, [&](std::int64_t to, int, std::int64_t weight, std::int64_t from) {
    out[to] += (x.q[from] - x.zero_point) * (w.q[weight] - w.zero_point);
  });
}

void conv2d_data_gradient_ref(const ConvShape& shape, const Codes<std::uint8_t>& g,
                              const Codes<std::uint8_t>& w, std::span<std::int32_t> dx) {
  std::fill(dx.begin(), dx.end(), 0);
  for_each_product(shape, [&](std::int64_t from, int, std::int64_t weight, std::int64_t to) {
    dx[to] += (g.q[from] - g.zero_point) * (w.q[weight] - w.zero_point);
  });
}

template <class Code>
void conv2d_weight_gradient_ref(const ConvShape& shape, const Codes<Code>& g,
                                const Codes<std::uint8_t>& x, std::span<std::int64_t> dw,
                                std::span<std::int64_t> db) {
  std::fill(dw.begin(), dw.end(), 0);
  for_each_product(shape, [&](std::int64_t out, int, std::int64_t weight, std::int64_t in) {
    dw[weight] += std::int64_t{g.q[out] - g.zero_point} * (x.q[in] - x.zero_point);
  });
  std::fill(db.begin(), db.end(), 0);
  if (db.empty()) return;
  for (std::size_t i = 0; i < g.q.size(); ++i) db[i % db.size()] += g.q[i] - g.zero_point;
}

template void conv2d_weight_gradient_ref<std::uint8_t>(const ConvShape&, const Codes<std::uint8_t>&,
                                                       const Codes<std::uint8_t>&,
                                                       std::span<std::int64_t>,
                                                       std::span<std::int64_t>);
template void conv2d_weight_gradient_ref<std::uint16_t>(const ConvShape&,
                                                        const Codes<std::uint16_t>&,
                                                        const Codes<std::uint8_t>&,
                                                        std::span<std::int64_t>,
                                                        std::span<std::int64_t>);

}  // namespace octet::model

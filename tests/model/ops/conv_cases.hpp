#pragma once
#include <algorithm>
#include <cstdint>
#include <ostream>
#include <random>
#include <vector>

#include "model/ops/conv2d.hpp"

namespace octet::model::testing {

// Shapes and tensors that leave out no corner: odd sizes, borders wider than the window, stride,
// dilation, groups, single pixels, codes and zero points at their ends.
[[nodiscard]] inline ConvShape random_conv_shape(std::mt19937& random) {
  const auto upto = [&](int high) {
    return static_cast<int>(random() % static_cast<unsigned>(high)) + 1;
  };
  ConvShape s;
  for (;;) {
    s.batch = upto(3);
    s.in_h = upto(11);
    s.in_w = upto(13);
    s.groups = random() % 3 == 0 ? upto(4) : 1;
    s.in_c = s.groups * upto(random() % 5 == 0 ? 40 : 7);
    s.out_c = s.groups * upto(random() % 5 == 0 ? 70 : 9);
    const bool pointwise = random() % 5 == 0;
    s.kernel_h = pointwise ? 1 : upto(5);
    s.kernel_w = pointwise ? 1 : upto(5);
    s.stride_h = upto(3);
    s.stride_w = upto(3);
    s.dilation_h = random() % 2 == 0 ? 1 : upto(3);
    s.dilation_w = random() % 2 == 0 ? 1 : upto(3);
    s.pad_h = static_cast<int>(random() % 6);
    s.pad_w = static_cast<int>(random() % 6);
    if (random() % 6 == 0) {
      s.stride_h = s.stride_w = 1;
      s.pad_h = s.pad_w = 0;
    }
    const int room_h = s.in_h + 2 * s.pad_h - s.dilation_h * (s.kernel_h - 1) - 1;
    const int room_w = s.in_w + 2 * s.pad_w - s.dilation_w * (s.kernel_w - 1) - 1;
    if (room_h < 0 || room_w < 0) continue;
    s.out_h = room_h / s.stride_h + 1;
    s.out_w = room_w / s.stride_w + 1;
    return s;
  }
}

template <class Code>
struct Tensor {
  std::vector<Code> q;
  std::int32_t zero_point = 0;
  [[nodiscard]] Codes<Code> codes() const { return {q, zero_point}; }
};

template <class Code>
[[nodiscard]] Tensor<Code> random_tensor(std::mt19937& random, std::int64_t size) {
  constexpr std::uint32_t kTop = sizeof(Code) == 1 ? 255 : 65535;
  const std::uint32_t zeros[] = {0, kTop, static_cast<std::uint32_t>(random()) % (kTop + 1)};
  Tensor<Code> t;
  t.zero_point = static_cast<std::int32_t>(zeros[random() % 3]);
  t.q.resize(static_cast<std::size_t>(size));
  const bool ends_only = random() % 4 == 0;
  for (Code& code : t.q)
    code = static_cast<Code>(ends_only ? (random() % 2) * kTop : random() % (kTop + 1));
  return t;
}

[[nodiscard]] inline std::vector<std::int32_t> random_bias(std::mt19937& random, int channels) {
  std::vector<std::int32_t> bias;
  if (random() % 3 != 0)
    for (int o = 0; o < channels; ++o) bias.push_back(static_cast<std::int32_t>(random()) / 4);
  return bias;
}

}  // namespace octet::model::testing

namespace octet::model {

inline std::ostream& operator<<(std::ostream& out, const ConvShape& s) {
  return out << "batch " << s.batch << " in " << s.in_h << "x" << s.in_w << "x" << s.in_c << " out "
             << s.out_h << "x" << s.out_w << "x" << s.out_c << " kernel " << s.kernel_h << "x"
             << s.kernel_w << " stride " << s.stride_h << "," << s.stride_w << " pad " << s.pad_h
             << "," << s.pad_w << " dilation " << s.dilation_h << "," << s.dilation_w << " groups "
             << s.groups;
}

}  // namespace octet::model

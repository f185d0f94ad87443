#pragma once
#include <random>

#include "model/ops/pool.hpp"

namespace octet::model::testing {

// Windows with and without border and overlap; every window holds a pixel of the image.
[[nodiscard]] inline PoolShape random_pool_shape(std::mt19937& random) {
  const auto upto = [&](int high) {
    return static_cast<int>(random() % static_cast<unsigned>(high)) + 1;
  };
  for (;;) {
    PoolShape s;
    s.batch = upto(3);
    s.in_h = upto(10);
    s.in_w = upto(10);
    s.channels = upto(random() % 3 == 0 ? 70 : 6);
    s.kernel_h = upto(4);
    s.kernel_w = upto(4);
    s.stride_h = upto(4);
    s.stride_w = upto(4);
    s.pad_h = static_cast<int>(random() % static_cast<unsigned>(s.kernel_h));
    s.pad_w = static_cast<int>(random() % static_cast<unsigned>(s.kernel_w));
    if (s.in_h + 2 * s.pad_h < s.kernel_h || s.in_w + 2 * s.pad_w < s.kernel_w) continue;
    s.out_h = (s.in_h + 2 * s.pad_h - s.kernel_h) / s.stride_h + 1;
    s.out_w = (s.in_w + 2 * s.pad_w - s.kernel_w) / s.stride_w + 1;
    if ((s.out_h - 1) * s.stride_h - s.pad_h >= s.in_h) continue;
    if ((s.out_w - 1) * s.stride_w - s.pad_w >= s.in_w) continue;
    return s;
  }
}

}  // namespace octet::model::testing

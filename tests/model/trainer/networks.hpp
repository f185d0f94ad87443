#pragma once
#include <string>

#include "tests/model/float32/small_network.hpp"

namespace octet::model::testing {

// Convolutions off the beaten track: depthwise, grouped, strides with and without a rest, 1x1 with
// stride, dilation, channels that fill no vector; Range BN over few values.
[[nodiscard]] inline workloads::Network window_network() {
  using float32::testing::SmallNetwork;
  using float32::testing::square;
  using workloads::Op;
  SmallNetwork n({14, 13, 3});
  const auto normalised = [&n](int conv) { return n.same(Op::kRelu, {n.same(Op::kNorm, {conv})}); };
  const int first = normalised(n.conv(0, 10, square(3, 2, 1), false));  // 7x7: rest, no rest
  const int depthwise = normalised(n.conv(first, 10, square(3, 1, 1, 10), false));
  const int pointwise = normalised(n.conv(depthwise, 17, square(1, 2, 0), false));  // 4x4
  const int grouped = normalised(n.conv(pointwise, 34, square(3, 1, 1, 17), false));
  workloads::Window wide = square(3, 1, 2, 2);
  wide.dilation_h = wide.dilation_w = 2;
  const int dilated = normalised(n.conv(grouped, 48, wide, false));
  const int strided = normalised(n.conv(dilated, 16, square(2, 2, 0), false));  // 2x2: no rest
  return n.finish(n.fc(strided, 7));
}

// Gradients that meet where each has a scale a channel: two norms, or a norm and a ReLU, read one
// tensor.
[[nodiscard]] inline workloads::Network meeting_network() {
  using float32::testing::SmallNetwork;
  using float32::testing::square;
  using workloads::Op;
  SmallNetwork n({9, 10, 3});
  const int conv = n.conv(0, 16, square(3, 1, 1), false);
  const int norm1 = n.same(Op::kNorm, {conv});
  const int norm2 = n.same(Op::kNorm, {conv});
  const int relu = n.same(Op::kRelu, {conv});
  const int sum1 = n.same(Op::kAdd, {norm1, n.same(Op::kRelu, {norm2})});
  const int sum2 = n.same(Op::kAdd, {sum1, relu});
  const int norm3 = n.same(Op::kNorm, {sum2});
  const int pooled = n.pool(n.same(Op::kAdd, {norm3, sum2}), Op::kMaxPool, square(3, 2, 1));
  return n.finish(n.fc(pooled, 6));
}

// ReLUs behind a ReLU and behind a pool, which read what they give again in the backward pass.
[[nodiscard]] inline workloads::Network relus_network() {
  using float32::testing::SmallNetwork;
  using float32::testing::square;
  using workloads::Op;
  SmallNetwork n({12, 12, 3});
  const auto normalised = [&n](int conv) { return n.same(Op::kRelu, {n.same(Op::kNorm, {conv})}); };
  const int pooled =
      n.pool(normalised(n.conv(0, 16, square(3, 1, 1), false)), Op::kMaxPool, square(2, 2, 0));
  const int twice = normalised(n.conv(n.same(Op::kRelu, {pooled}), 16, square(3, 1, 1), false));
  const int thrice = n.same(Op::kRelu, {n.same(Op::kRelu, {twice})});
  return n.finish(n.fc(thrice, 5));
}

// One of the above, or one that comes with Octet.
[[nodiscard]] inline workloads::Network network_named(const std::string& name) {
  if (name == "window") return window_network();
  if (name == "meeting") return meeting_network();
  if (name == "relus") return relus_network();
  return workloads::find_network(name);
}

}  // namespace octet::model::testing

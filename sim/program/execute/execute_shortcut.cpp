// Shortcuts that change the shape, element by element: docs/numerics.md section 7.
#include "sim/program/execute/executor.hpp"

namespace octet::sim {
namespace {

struct Place {
  std::int64_t image, y, x, channel;
};
Place place_of(std::size_t element, const workloads::Shape& shape) {
  const auto e = static_cast<std::int64_t>(element);
  const std::int64_t pixel = e / shape.channels;
  return {pixel / shape.width / shape.height, pixel / shape.width % shape.height,
          pixel % shape.width, e % shape.channels};
}
std::int64_t element_at(const Place& p, const workloads::Shape& shape) {
  return ((p.image * shape.height + p.y) * shape.width + p.x) * shape.channels + p.channel;
}
std::int64_t first_channel(const workloads::Node& n) {
  return (n.out.channels - n.in.channels) / 2;
}

}  // namespace

void Executor::shortcut(const Command& c) {
  const workloads::Node& n = node(c.layer);
  const Value& x = at(c.a);
  Value& y = at(c.out);
  y.params = x.params;
  for_each_element(c, [&](std::size_t i) {
    const Place to = place_of(i, n.out);
    const std::int64_t channel = to.channel - first_channel(n);
    const bool added = channel < 0 || channel >= n.in.channels;
    const Place from{to.image, to.y * n.window.stride_h, to.x * n.window.stride_w, channel};
    y.u8[i] = added ? static_cast<std::uint8_t>(x.params.zero_point) : x.u8[element_at(from, n.in)];
  });
}

void Executor::shortcut_gradient(const Command& c) {
  const workloads::Node& n = node(c.layer);
  const Value& dy = at(c.a);
  Value& dx = at(c.out);
  dx.scales = dy.scales;
  if (dy.scales.size() > 1) {  // one a channel of the output: the input has those in the middle
    const auto first = dy.scales.begin() + first_channel(n);
    dx.scales.assign(first, first + n.in.channels);
  }
  for_each_element(c, [&](std::size_t i) {
    const Place to = place_of(i, n.in);
    const bool kept = to.y % n.window.stride_h == 0 && to.x % n.window.stride_w == 0;
    const Place from{to.image, to.y / n.window.stride_h, to.x / n.window.stride_w,
                     to.channel + first_channel(n)};
    dx.i32[i] = kept ? dy.i32[element_at(from, n.out)] : 0;
  });
}

}  // namespace octet::sim

#include "model/kernels/kernels.hpp"
#include "model/ops/shortcut.hpp"
#include "model/trainer/integer_engine.hpp"

namespace octet::model {
namespace {

ShortcutShape shortcut_shape(const workloads::Node& node, int batch) {
  return {
      batch,          node.in.height,    node.in.width,        node.in.channels,    node.out.height,
      node.out.width, node.out.channels, node.window.stride_h, node.window.stride_w};
}

}  // namespace

void IntegerEngine::forward_shortcut(const Node& node) {
  const StepTimer timer(options_.clock, node.id, StepPart::kOther);
  NodeRun& run = run_of(node);
  const QuantTensor& x = input_of(node).output;
  run.output.params = x.params;
  run.output.q.resize(static_cast<std::size_t>(batch_ * node.out.elements()));
  share_images([&](int begin, int end, int) {
    shortcut_forward<std::uint8_t>(
        shortcut_shape(node, end - begin),
        images_of(std::span(x.q), begin, end, node.in.elements()),
        static_cast<std::uint8_t>(x.params.zero_point),
        images_of(std::span(run.output.q), begin, end, node.out.elements()));
  });
}

void IntegerEngine::backward_shortcut(const Node& node, const WideTensor& dy) {
  const ShortcutShape whole = shortcut_shape(node, batch_);
  const StepTimer timer(options_.clock, node.id, StepPart::kOther);
  SharedWide dx = make_wide(batch_ * node.in.elements(), dy.scales);
  if (dy.scales.size() > 1) {  // one a channel: the new channels' are dropped with their gradients
    const auto first = dy.scales.begin() + whole.first_channel();
    dx->scales.assign(first, first + whole.in_c);
  }
  // Image by image, whose extremes are taken while it is in the cache.
  std::vector<std::optional<Extremes>> parts(static_cast<std::size_t>(pool_.threads()));
  share_images([&](int begin, int end, int piece) {
    for (int n = begin; n < end; ++n) {
      const auto image = images_of(std::span(dx->x), n, n + 1, node.in.elements());
      shortcut_backward<std::int32_t>(shortcut_shape(node, 1),
                                      images_of(std::span(dy.x), n, n + 1, node.out.elements()),
                                      image);
      Extremes found;
      kernels().extremes(image.data(), image.size(), &found.low, &found.high);
      widen(parts[static_cast<std::size_t>(piece)], found);
    }
  });
  if (dx->scales.size() == 1) dx->extremes = join(parts);
  contribute(node, 0, std::move(dx));
}

}  // namespace octet::model

#include "bench/layers.hpp"

#include <numeric>

namespace octet::bench {

using model::StepPart;
using workloads::Node;
using workloads::Op;

Product& Product::operator+=(const Product& other) {
  macs += other.macs;
  byte_macs += other.byte_macs;
  seconds += other.seconds;
  return *this;
}

double Product::macs_per_second() const { return seconds > 0.0 ? macs / seconds : 0.0; }

double Product::peak_share(double peak_macs_per_second) const {
  return seconds > 0.0 && peak_macs_per_second > 0.0 ? byte_macs / seconds / peak_macs_per_second
                                                     : 0.0;
}

const char* pass_name(Pass pass) {
  switch (pass) {
    case Pass::kPooling:
      return "pooling";
    case Pass::kQuantise:
      return model::step_part_name(StepPart::kQuantise);
    case Pass::kNorm:
      return model::step_part_name(StepPart::kNorm);
    case Pass::kAdd:
      return model::step_part_name(StepPart::kAdd);
    case Pass::kOther:
      return model::step_part_name(StepPart::kOther);
    case Pass::kUpdate:
      return model::step_part_name(StepPart::kUpdate);
  }
  return "?";
}

const char* product_name(int product) {
  return model::step_part_name(static_cast<StepPart>(product));  // the first three parts
}

double LayerTimes::seconds() const {
  double total = std::accumulate(passes.begin(), passes.end(), 0.0);
  for (const Product& product : products) total += product.seconds;
  return total;
}

std::vector<LayerTimes> layer_times(const workloads::Network& network, const model::Recipe& recipe,
                                    int batch, const model::StepClock& clock, int steps) {
  const auto passes_of = [](int bits) { return bits > 8 ? 2.0 : 1.0; };
  std::vector<LayerTimes> layers;
  for (const Node& node : network.nodes) {
    LayerTimes layer;
    layer.node = node.id;
    const auto seconds = [&](StepPart part) {
      return steps > 0 ? clock.seconds(node.id, part) / steps : 0.0;
    };
    if (node.macs() > 0) {
      const double macs = static_cast<double>(node.macs()) * batch;
      const bool reads_images =
          network.nodes[static_cast<std::size_t>(node.inputs[0])].op == Op::kInput;
      const double data = reads_images ? 0.0 : macs;
      const double wide = recipe.float32 ? 1.0 : passes_of(recipe.wgrad_bits());
      layer.products = {Product{macs, macs, seconds(StepPart::kForward)},
                        Product{data, data, seconds(StepPart::kDataGradient)},
                        Product{macs, macs * wide, seconds(StepPart::kWeightGradient)}};
    } else {
      layer.passes[static_cast<std::size_t>(Pass::kPooling)] =
          seconds(StepPart::kForward) + seconds(StepPart::kDataGradient);
    }
    const auto add = [&](Pass pass, StepPart part) {
      layer.passes[static_cast<std::size_t>(pass)] = seconds(part);
    };
    add(Pass::kQuantise, StepPart::kQuantise);
    add(Pass::kNorm, StepPart::kNorm);
    add(Pass::kAdd, StepPart::kAdd);
    add(Pass::kOther, StepPart::kOther);
    add(Pass::kUpdate, StepPart::kUpdate);
    layers.push_back(layer);
  }
  return layers;
}

LayerTimes sum(const std::vector<LayerTimes>& layers) {
  LayerTimes total;
  for (const LayerTimes& layer : layers) {
    for (std::size_t i = 0; i < kProducts; ++i) total.products[i] += layer.products[i];
    for (std::size_t i = 0; i < kPasses; ++i) total.passes[i] += layer.passes[i];
  }
  return total;
}

}  // namespace octet::bench

#pragma once
#include <array>
#include <vector>

#include "model/quant/recipe.hpp"
#include "model/trainer/observe.hpp"
#include "workloads/graph/network.hpp"

// Where the time of a step goes, by layer and kind of work.
namespace octet::bench {

// A matrix product of one layer, or a sum of such, in one step.
struct Product {
  double macs = 0.0;       // 0: the layer has no such product
  double byte_macs = 0.0;  // what the processor multiplies: macs times the passes (below)
  double seconds = 0.0;
  Product& operator+=(const Product& other);
  [[nodiscard]] double macs_per_second() const;  // 0 where nothing was measured
  // byte_macs a second over the peak; 0 where either is unknown.
  [[nodiscard]] double peak_share(double peak_macs_per_second) const;
};

enum class Pass { kPooling, kQuantise, kNorm, kAdd, kOther, kUpdate };
inline constexpr int kPasses = 6;
inline constexpr int kProducts = 3;  // forward, data gradient, weight gradient
[[nodiscard]] const char* pass_name(Pass pass);
[[nodiscard]] const char* product_name(int product);

struct LayerTimes {
  int node = 0;
  std::array<Product, kProducts> products;
  std::array<double, kPasses> passes{};  // seconds, by Pass
  [[nodiscard]] double seconds() const;
};

// One training step: a row a node, in the network's order. A 16-bit gradient (any of more than 8
// bits) is multiplied in two byte passes; a layer that reads the images has no data gradient.
// MACs count every tap of a window, the padded ones too. `clock` holds `steps` steps; with none
// (an engine without a clock) all seconds are 0.
[[nodiscard]] std::vector<LayerTimes> layer_times(const workloads::Network& network,
                                                  const model::Recipe& recipe, int batch,
                                                  const model::StepClock& clock, int steps);
// The column sums of the rows.
[[nodiscard]] LayerTimes sum(const std::vector<LayerTimes>& layers);

}  // namespace octet::bench

#pragma once
#include <string>
#include <vector>

namespace octet::sim {

// How often a bit of a product's operands changes from one term of the reduction to the next, of
// real tensors: what octet train --activity writes.
struct Switching {
  struct Product {
    std::string layer, phase;
    double row = 0.0, column = 0.0;  // changes of a bit and term, 0 to 1; random bits: 0.5
    // Of the energy that a technology table gives for random operands: in proportion to the
    // changes.
    [[nodiscard]] double factor() const { return row + column; }
  };
  std::string file, network;
  std::vector<Product> products;
  // 1 where nothing was measured.
  [[nodiscard]] double factor(const std::string& layer, const std::string& phase) const;
};

// Throws octet::Error: file, field, found, expected.
[[nodiscard]] Switching read_switching(const std::string& path);

}  // namespace octet::sim

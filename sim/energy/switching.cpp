#include "sim/energy/switching.hpp"

#include "common/yaml_reader.hpp"

namespace octet::sim {

double Switching::factor(const std::string& layer, const std::string& phase) const {
  for (const Product& product : products) {
    if (product.layer == layer && product.phase == phase) return product.factor();
  }
  return 1.0;
}

Switching read_switching(const std::string& path) {
  YamlMap top = YamlMap::read_file(path);
  Switching switching;
  switching.file = path;
  switching.network = top.text("network");
  (void)top.text("recipe", "");
  (void)top.integer("step", 0, 1'000'000'000'000, 0);
  for (YamlMap& map : top.maps("products")) {
    Switching::Product product;
    product.layer = map.text("layer");
    product.phase = map.choice("phase", {"forward", "data_gradient", "weight_gradient"});
    product.row = map.number("row", 0.0, 1.0);
    product.column = map.number("column", 0.0, 1.0);
    map.finish();
    for (const Switching::Product& other : switching.products) {
      if (other.layer == product.layer && other.phase == product.phase)
        throw map.error("phase", "a second " + product.phase + " of " + product.layer, "one");
    }
    switching.products.push_back(product);
  }
  top.finish();
  return switching;
}

}  // namespace octet::sim

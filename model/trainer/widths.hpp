#pragma once
#include "model/quant/recipe.hpp"
#include "workloads/graph/network.hpp"

namespace octet::model {

// Throws octet::Error where the network or the batch would overflow a width of docs/numerics.md
// section 11: it names the layer, what it needs and the limit. Integer recipes only.
void check_widths(const workloads::Network& network, const Recipe& recipe, int batch);

}  // namespace octet::model

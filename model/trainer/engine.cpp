#include "model/trainer/engine.hpp"

namespace octet::model {

std::unique_ptr<Engine> make_engine(const workloads::Network& network, const Recipe& recipe,
                                    const EngineOptions& options) {
  return recipe.float32 ? make_float_engine(network, recipe, options)
                        : make_integer_engine(network, recipe, options);
}

}  // namespace octet::model

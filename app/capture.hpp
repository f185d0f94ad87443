#pragma once
#include <string>

#include "model/trainer/engine.hpp"
#include "workloads/graph/network.hpp"

namespace octet::app {

// Writes the last training step's real tensors under `folder`, a file a node and RTL unit, in the
// format of common/capture.hpp, for `octet verify --capture`. Only under an integer recipe and
// after a step with EngineOptions::keep_gradients; throws octet::Error otherwise.
void capture_tensors(const workloads::Network& network, model::Engine& engine,
                     const std::string& folder);

}  // namespace octet::app

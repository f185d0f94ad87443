#include "app/capture.hpp"

#include <algorithm>
#include <vector>

#include "common/capture.hpp"
#include "common/error.hpp"
#include "model/trainer/integer_engine.hpp"

namespace octet::app {
namespace {

using model::NodeRun;
using workloads::Node;
using workloads::Op;

constexpr std::size_t kRequantised = 1 << 17;  // values a requantiser capture holds
constexpr int kTile = 32;                      // rows and columns of a matrix capture
constexpr std::int64_t kTerms = 2048;          // its reduction

// The gradient's stochastic requantisation with its result.
void capture_requantise(const Node& node, const NodeRun& run, const model::TrainingState& state,
                        const std::string& folder) {
  const std::size_t channels = run.wide_gradient.scales.size();
  const std::size_t count =
      std::min(kRequantised, run.wide_gradient.x.size()) / channels * channels;
  if (count == 0 || run.gradient.q.size() < count) return;
  std::vector<std::int32_t> mantissa, exponent;
  for (const float scale : run.wide_gradient.scales) {
    const model::Multiplier factor = model::requantise_multiplier(scale, run.gradient.params);
    mantissa.push_back(factor.mantissa);
    exponent.push_back(factor.exponent);
  }
  CaptureWriter out(folder + "/" + node.name + ".requantise.capture");
  out.add("x", std::span<const std::int32_t>(run.wide_gradient.x).first(count));
  out.add("mantissa", mantissa);
  out.add("exponent", exponent);
  out.add("params",
          std::vector<std::int32_t>{run.gradient.params.zero_point, run.gradient.params.q_max, 1});
  out.add("random",
          std::vector<std::uint32_t>{state.seed, state.step - 1,  // the step that has just ended
                                     model::random_stream(node.id, model::RandomUse::kGradient)});
  out.add("first_element", std::vector<std::int64_t>{0});
  out.add("code",
          std::vector<std::uint16_t>(run.gradient.q.begin(),
                                     run.gradient.q.begin() + static_cast<std::ptrdiff_t>(count)));
  out.finish();
}

void capture_norm(const Node& node, const NodeRun& run, const NodeRun& input,
                  const model::TrainingState& state, const std::string& folder) {
  const auto channels = static_cast<std::int64_t>(run.stats.size());
  std::vector<std::int32_t> mu, mantissa, exponent, bias;
  for (const model::RangeBnApply& apply : run.apply) {
    mu.push_back(apply.mu);
    mantissa.push_back(apply.factor.mantissa);
    exponent.push_back(apply.factor.exponent);
    bias.push_back(apply.bias);
  }
  CaptureWriter out(folder + "/" + node.name + ".range_bn.capture");
  out.add("shape",
          std::vector<std::int64_t>{static_cast<std::int64_t>(input.output.q.size()) / channels,
                                    channels, run.chunks});
  out.add("q", std::span<const std::uint8_t>(input.output.q));
  out.add("mu", mu);
  out.add("mantissa", mantissa);
  out.add("exponent", exponent);
  out.add("bias", bias);
  out.add("params",
          std::vector<std::int32_t>{run.output.params.zero_point, run.output.params.q_max, 0});
  out.add("random",
          std::vector<std::uint32_t>{state.seed, state.step - 1,
                                     model::random_stream(node.id, model::RandomUse::kActivation)});
  out.add("g8", std::span<const std::uint8_t>(run.gradient.q));
  out.add("g16", std::span<const std::uint16_t>(run.wide_gradient_q));
  out.add("zero_points", std::vector<std::int32_t>{run.gradient.params.zero_point,
                                                   run.wide_gradient_params.zero_point});
  out.add("y", std::span<const std::uint8_t>(run.output.q));
  out.finish();
}

// The weight gradient of a fully connected layer: activations times 16-bit gradients over images.
void capture_matrix(const Node& node, const NodeRun& run, const NodeRun& input,
                    const std::string& folder) {
  const std::int64_t depth = node.in.elements();
  const std::int64_t width = node.out.elements();
  const std::int64_t images =
      std::min(static_cast<std::int64_t>(run.wide_gradient_q.size()) / width, kTerms);
  const std::int64_t m = std::min<std::int64_t>(kTile, depth);
  const std::int64_t n = std::min<std::int64_t>(kTile, width);
  std::vector<std::int32_t> a, b;
  for (std::int64_t k = 0; k < images; ++k) {
    for (std::int64_t i = 0; i < m; ++i)
      a.push_back(input.output.q[static_cast<std::size_t>(k * depth + i)] -
                  input.output.params.zero_point);
    for (std::int64_t j = 0; j < n; ++j)
      b.push_back(run.wide_gradient_q[static_cast<std::size_t>(k * width + j)] -
                  run.wide_gradient_params.zero_point);
  }
  CaptureWriter out(folder + "/" + node.name + ".mac_array.capture");
  out.add("shape", std::vector<std::int64_t>{m, n, images});
  out.add("a", a);
  out.add("b", b);
  out.finish();
}

}  // namespace

void capture_tensors(const workloads::Network& network, model::Engine& engine,
                     const std::string& folder) {
  const auto* integer = dynamic_cast<const model::IntegerEngine*>(&engine);
  if (integer == nullptr)
    throw usage_error("--capture", "a float32 recipe",
                      "an integer recipe, whose tensors are codes");
  for (const Node& node : network.nodes) {
    const NodeRun& run = integer->run(node.id);
    if (!run.wide_gradient.x.empty()) capture_requantise(node, run, engine.state(), folder);
    if (node.inputs.empty() || run.wide_gradient_q.empty()) continue;
    const NodeRun& input = integer->run(node.inputs[0]);
    if (node.op == Op::kNorm) capture_norm(node, run, input, engine.state(), folder);
    if (node.op == Op::kFullyConnected) capture_matrix(node, run, input, folder);
  }
}

}  // namespace octet::app

// Fully connected layers of the integer engine: the threads share out outputs, or inputs.
#include "model/trainer/integer_engine.hpp"

namespace octet::model {
namespace {

// A multiple of the kernels' tiles that leaves work for every thread.
constexpr std::int64_t kOutputs = 8, kInputs = 64;

FcShape fc_shape(const workloads::Node& node, int batch) {
  return {batch, static_cast<int>(node.in.elements()), node.out.channels};
}

}  // namespace

Extremes IntegerEngine::forward_fc(const Node& node, std::span<const std::int32_t> bias,
                                   std::span<std::int32_t> out) {
  const FcShape shape = fc_shape(node, batch_);
  std::vector<std::optional<Extremes>> parts(static_cast<std::size_t>(pool_.threads()));
  pool_.split(shape.outputs, kOutputs, [&](std::int64_t begin, std::int64_t end, int piece) {
    parts[static_cast<std::size_t>(piece)] =
        fc_forward(shape, input_of(node).output.codes(), run_of(node).weights.codes(), bias,
                   static_cast<int>(begin), static_cast<int>(end), out);
  });
  return join(parts);
}

Extremes IntegerEngine::data_gradient_fc(const Node& node, const ConvMask& mask,
                                         std::span<std::int32_t> dx) {
  const FcShape shape = fc_shape(node, batch_);
  const FcDataGradient product(shape, run_of(node).gradient.codes());
  std::vector<std::optional<Extremes>> parts(static_cast<std::size_t>(pool_.threads()));
  pool_.split(shape.inputs, kInputs, [&](std::int64_t begin, std::int64_t end, int piece) {
    parts[static_cast<std::size_t>(piece)] = product.run(
        run_of(node).weights.codes(), mask, static_cast<int>(begin), static_cast<int>(end), dx);
  });
  return join(parts);
}

template <class Code>
void IntegerEngine::weight_step_fc(const Node& node, const Codes<Code>& gradient, float scale,
                                   const SgdRates& rates) {
  std::optional<StepTimer> timer(std::in_place, options_.clock, node.id, StepPart::kWeightGradient);
  const FcShape shape = fc_shape(node, batch_);
  NodeState& state = state_of(node);
  const QuantTensor& x = input_of(node).output;
  const FcWeightStep<Code> step(shape, gradient);
  std::vector<Range> ranges(static_cast<std::size_t>(pool_.threads()), kNoWeights);
  pool_.split(shape.inputs, kInputs, [&](std::int64_t begin, std::int64_t end, int piece) {
    step.run(x.codes(), scale * x.params.scale, rates, static_cast<int>(begin),
             static_cast<int>(end), state.weight_velocity, state.weight,
             ranges[static_cast<std::size_t>(piece)]);
  });
  run_of(node).weight_range = join(ranges);
  timer.emplace(options_.clock, node.id, StepPart::kUpdate);
  if (state.bias.empty()) return;
  SgdRates plain = rates;
  plain.weight_decay = 0.0F;
  std::vector<float> floats(state.bias.size());
  gradient_to_float(step.bias_gradient(), scale, floats);
  sgd_update(floats, plain, state.bias_velocity, state.bias);
}

template void IntegerEngine::weight_step_fc<std::uint8_t>(const Node&, const Codes<std::uint8_t>&,
                                                          float, const SgdRates&);
template void IntegerEngine::weight_step_fc<std::uint16_t>(const Node&, const Codes<std::uint16_t>&,
                                                           float, const SgdRates&);

}  // namespace octet::model

// The weights' codes of a step, and what the convolutions make of them.
#include "model/trainer/integer_engine.hpp"

namespace octet::model {

using workloads::Op;

void IntegerEngine::choose_weight_params(const Node& node, const Range& range) {
  NodeRun& run = run_of(node);
  run.weight_range = range;
  run.weights.params = choose_quant_params(range, recipe_.bits.weight);
  run.weights.q.resize(state_of(node).weight.size());
}

void IntegerEngine::prepare_weights() {
  std::vector<const Node*> few;
  for (const Node& node : network_.nodes) {
    run_of(node).prepared = false;
    if ((node.op == Op::kConv || node.op == Op::kFullyConnected) && node.weights() < kManyWeights)
      few.push_back(&node);
  }
  if (few.empty()) return;
  const StepTimer timer(options_.clock, few.front()->id, StepPart::kQuantise);
  pool_.run(static_cast<int>(few.size()), [&](int task) {
    const Node& node = *few[static_cast<std::size_t>(task)];
    NodeRun& run = run_of(node);
    const Buffer<float>& weight = state_of(node).weight;
    choose_weight_params(node, run.weight_range ? *run.weight_range : range_of(weight));
    quantise_floats(weight, run.weights.params, run.weights.q);
    run.prepared = true;
    if (node.op != Op::kConv) return;
    const ConvShape shape = conv_shape(node, batch_);
    run.forward_plan = plan_forward(shape, run.weights.codes());
    if (training_ && needs_data_gradient(node))
      run.gradient_plan = plan_data_gradient(shape, run.weights.codes());
  });
}

void IntegerEngine::take_weights(const Node& node) {
  NodeRun& run = run_of(node);
  const Buffer<float>& weight = state_of(node).weight;
  if (!run.prepared) {
    const StepTimer timer(options_.clock, node.id, StepPart::kQuantise);
    Range range;
    if (run.weight_range) {
      range = *run.weight_range;
    } else {
      std::vector<Range> ranges(static_cast<std::size_t>(pool_.threads()), kNoWeights);
      pool_.split(static_cast<std::int64_t>(weight.size()), 16'384,
                  [&](std::int64_t begin, std::int64_t end, int piece) {
                    ranges[static_cast<std::size_t>(piece)] = range_of(std::span(weight).subspan(
                        static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
                  });
      range = join(ranges);
    }
    choose_weight_params(node, range);
    pool_.split(static_cast<std::int64_t>(weight.size()), 4096,
                [&](std::int64_t begin, std::int64_t end, int) {
                  const auto at = static_cast<std::size_t>(begin);
                  const auto count = static_cast<std::size_t>(end - begin);
                  quantise_floats(std::span(weight).subspan(at, count), run.weights.params,
                                  std::span(run.weights.q).subspan(at, count));
                });
  }
  if (observed())
    options_.observer({node.id,
                       state_.step,
                       Quantisation::Tensor::kWeight,
                       weight,
                       {},
                       {},
                       run.weights.q,
                       {},
                       run.weights.params});
}

}  // namespace octet::model

#include "sim/program/execute.hpp"

#include <algorithm>

#include "common/error.hpp"
#include "model/ops/relu.hpp"
#include "sim/program/execute/executor.hpp"

namespace octet::sim {

Executor::Executor(const Program& program, const workloads::Network& network,
                   const model::Recipe& recipe, model::TrainingState& state,
                   const model::SgdRates& rates)
    : program_(program),
      network_(network),
      recipe_(recipe),
      state_(state),
      rates_(rates),
      values_(program.tensors.size()),
      norms_(network.nodes.size()) {}

Buffer<float>* Executor::parameter(const Tensor& tensor) {
  model::NodeState& own = state_.nodes[static_cast<std::size_t>(tensor.node)];
  const bool velocity = tensor.kind == TensorKind::kMomentum;
  const std::string name = tensor.name.substr(tensor.name.rfind('.') + 1);
  if (name.starts_with("weight") || name.starts_with("gamma")) {
    return velocity ? &own.weight_velocity : &own.weight;
  }
  return velocity ? &own.bias_velocity : &own.bias;
}

void Executor::start(std::span<const std::uint8_t> images, std::span<const std::uint16_t> labels) {
  for (std::size_t t = 0; t < values_.size(); ++t) {
    const Tensor& tensor = program_.tensors[t];
    Value& v = values_[t];
    const auto size = static_cast<std::size_t>(tensor.elements);
    v.stored.assign(tensor.address >= 0 ? size : 0, false);
    const auto given = [&] { v.stored.assign(size, true); };
    switch (tensor.kind) {
      case TensorKind::kImage:
        v.u8.assign(images.begin(), images.end());
        v.params = {
            1.0F / (255.0F * network_.dataset.deviation),
            static_cast<std::int32_t>(model::round_half_away(255.0F * network_.dataset.mean)), 255};
        given();
        break;
      case TensorKind::kLabel:
        v.u16.assign(labels.begin(), labels.end());
        given();
        break;
      case TensorKind::kMaster:
      case TensorKind::kMomentum:
        v.f32.assign(parameter(tensor)->begin(), parameter(tensor)->end());
        given();
        break;
      case TensorKind::kActivation:
      case TensorKind::kWeight:
      case TensorKind::kGradient8:
        v.u8.resize(size);
        break;
      case TensorKind::kGradient16:
        v.u16.resize(size);
        break;
      case TensorKind::kWideActivation:
      case TensorKind::kWideGradient:
      case TensorKind::kPoolIndex:
        v.i32.resize(size);
        break;
      case TensorKind::kWeightGradient:
        v.i64.resize(size);
        v.f32.resize(size);
        break;
    }
  }
}

void Executor::finish() {
  for (std::size_t t = 0; t < values_.size(); ++t) {
    const Tensor& tensor = program_.tensors[t];
    if (tensor.kind == TensorKind::kMaster || tensor.kind == TensorKind::kMomentum) {
      parameter(tensor)->assign(values_[t].f32.begin(), values_[t].f32.end());
    }
  }
  ++state_.step;
}

namespace {

template <class Body>
void for_each_moved(const Command& c, const Tensor& tensor, const Body& body) {
  for (std::int64_t run = 0; run < c.runs; ++run) {
    const std::int64_t first = (c.offset + run * c.stride) / tensor.element_bytes;
    const std::int64_t count = c.run_bytes / tensor.element_bytes;
    if (first < 0 || first + count > tensor.elements) {
      throw Error("program: " + std::string(opcode_name(c.op)) + " of " + tensor.name +
                  ": found element " + std::to_string(first + count - 1) + ", expected below " +
                  std::to_string(tensor.elements));
    }
    for (std::int64_t i = first; i < first + count; ++i) body(static_cast<std::size_t>(i));
  }
}

}  // namespace

void Executor::load(const Command& c) const {
  const Tensor& tensor = info(c.a);
  for_each_moved(c, tensor, [&](std::size_t i) {
    if (!at(c.a).stored[i]) {
      throw Error("program: load of " + tensor.name + ": found element " + std::to_string(i) +
                  " not yet stored, expected a store before");
    }
  });
}

void Executor::store(const Command& c) {
  Value& value = at(c.a);
  for_each_moved(c, info(c.a), [&](std::size_t i) { value.stored[i] = true; });
}

void Executor::run(const Command& c) {
  switch (c.op) {
    case Opcode::kLoad:
      return load(c);
    case Opcode::kStore:
      return store(c);
    case Opcode::kGemm:
      return gemm(c);
    case Opcode::kBiasSum:
      return bias_sum(c);
    case Opcode::kRange:
      return range(c);
    case Opcode::kQuantise:
      return quantise(c);
    case Opcode::kQuantiseWeight:
      return quantise_weight(c);
    case Opcode::kRelu: {
      at(c.out).params = at(c.a).params;
      const auto first = static_cast<std::size_t>(c.first);
      const auto count = static_cast<std::size_t>(c.count);
      return model::relu_forward(std::span(at(c.a).u8).subspan(first, count),
                                 at(c.a).params.zero_point,
                                 std::span(at(c.out).u8).subspan(first, count));
    }
    case Opcode::kMask:
      return mask(c);
    case Opcode::kMaxPool:
    case Opcode::kAvgPool:
      return pool(c);
    case Opcode::kMaxPoolGrad:
    case Opcode::kAvgPoolGrad:
      return pool_gradient(c);
    case Opcode::kShortcut:
      return shortcut(c);
    case Opcode::kShortcutGrad:
      return shortcut_gradient(c);
    case Opcode::kAddCodes:
    case Opcode::kAddWide:
      return add(c);
    case Opcode::kSoftmax:
      return softmax(c);
    case Opcode::kGradient:
      return gradient(c);
    case Opcode::kRbnStats:
      return rbn_stats(c);
    case Opcode::kRbnApply:
      return rbn_apply(c);
    case Opcode::kRbnGradSums:
      return rbn_grad_sums(c);
    case Opcode::kRbnGradApply:
      return rbn_grad_apply(c);
    case Opcode::kUpdate:
      return update(c);
    case Opcode::kScalarWeight:
      return scalar_weight(c);
    case Opcode::kScalarBias:
      return scalar_bias(c);
    case Opcode::kScalarActivation:
      return scalar_activation(c);
    case Opcode::kScalarGradient:
      return scalar_gradient(c);
    case Opcode::kScalarRecord:
      return scalar_record(c);
    case Opcode::kScalarAdd:
      return scalar_add(c);
    case Opcode::kScalarRbn:
      return scalar_rbn(c);
    case Opcode::kScalarRbnGrad:
      return scalar_rbn_grad(c);
  }
}

StepOutcome execute(const Program& program, const workloads::Network& network,
                    const model::Recipe& recipe, model::TrainingState& state,
                    std::span<const std::uint8_t> images, std::span<const std::uint16_t> labels,
                    const model::SgdRates& rates, std::span<const int> order) {
  if (program.float32)
    throw input_error(program.network, "arithmetic", "float32",
                      "integer: the golden operations have no float32");
  if (program.scope != Scope::kStep)
    throw input_error(program.network, "scope", scope_name(program.scope), "training_step");
  if (recipe.sample_mean_extremes)
    throw input_error(recipe.file, "extremes", "sample_mean",
                      "tensor: a program holds one pair of extremes a tensor");
  Executor executor(program, network, recipe, state, rates);
  executor.start(images, labels);
  if (order.empty()) {
    for (const Command& command : program.commands) executor.run(command);
  } else {
    for (const int id : order) executor.run(program.commands[static_cast<std::size_t>(id)]);
  }
  executor.finish();
  return executor.outcome();
}

}  // namespace octet::sim

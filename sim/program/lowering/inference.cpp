// What a trained network does otherwise than a training step's forward pass: formats, statistics
// and weight codes are there beforehand, so norms (and additions of floats, which have no scales to
// find first) are done as a product's results drain.
#include "sim/program/lowering/lowering.hpp"

namespace octet::sim {

using workloads::Op;

// The node that can be done on n's results before they leave the chip, or nullptr.
const Lowering::Node* Lowering::joins(const Node& n) const {
  if (n.consumers.size() != 1) return nullptr;
  const Node& next = node(n.consumers[0]);
  if (next.op == Op::kNorm && !identity_norm(next)) return &next;
  if (next.op != Op::kAdd || !recipe_.float32) return nullptr;
  const NodeTensors& other = at_[next.inputs[next.inputs[0] == n.id ? 1 : 0]];
  const bool stored = other.codes >= 0 && b_.tensor(other.codes).address >= 0;
  return stored && other.deferred < 0 ? &next : nullptr;
}

Sink Lowering::inference_sink(const Node& n) {
  NodeTensors& at = at_[n.id];
  const bool logits = feeds_loss(n);
  at.wide =
      tensor(n, "wide", TensorKind::kWideActivation, out_elements(n), 4, n.out.channels, logits);
  Sink sink;
  sink.wide = at.wide;
  sink.range = false;
  sink.store_wide = logits;
  if (logits) return sink;
  const std::int64_t flags =
      recipe_.rounding.activation == model::Rounding::kStochastic ? kStochastic : 0;
  const Node* next = joins(n);
  at.codes = tensor(n, "codes", TensorKind::kActivation, out_elements(n), 1, n.out.channels,
                    next == nullptr);
  sink.codes = at.codes;
  sink.codes_flags = flags;
  for (int before = n.id; next != nullptr;) {
    const Node& own = *next;
    next = joins(own);
    Sink::Joined joined;
    joined.layer = own.id;
    joined.out = tensor(own, "codes", TensorKind::kActivation, out_elements(own), 1,
                        own.out.channels, next == nullptr);
    if (own.op == Op::kNorm) {
      joined.ready = constants(own, "gain_and_offset", 2);
      joined.flags = flags;
    } else {
      joined.op = Opcode::kAddCodes;
      joined.other = at_[own.inputs[own.inputs[0] == before ? 1 : 0]].codes;
    }
    at_[own.id].codes = joined.out;
    at_[own.id].made = true;
    sink.joined.push_back(joined);
    before = own.id;
  }
  return sink;
}

// Brings `each` constants a channel of n, four bytes each, to the unit that works with them.
// Returns the load.
int Lowering::constants(const Node& n, const std::string& name, std::int64_t each) {
  const int layer = b_.layer;
  b_.layer = n.id;
  const std::int64_t count = each * n.out.channels;
  b_.require(Pad::kWeight, 4 * count, "a constant of each channel");
  const int id = tensor(n, name, TensorKind::kMaster, count, 4, n.out.channels);
  const int loaded = b_.load(id, {0, count, 0, 0, 0}, Pad::kWeight, b_.acquire(Pad::kWeight));
  b_.layer = layer;
  return loaded;
}

}  // namespace octet::sim

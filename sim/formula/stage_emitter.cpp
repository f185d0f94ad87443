#include "sim/formula/stage_emitter.hpp"

#include <algorithm>

#include "sim/timing/counting.hpp"

namespace octet::sim {
namespace {

void add_once(std::vector<std::int32_t>& list, std::int32_t id) {
  if (std::find(list.begin(), list.end(), id) == list.end()) list.push_back(id);
}

}  // namespace

void StageEmitter::stage(const StageNote& note, const std::function<void()>& body) {
  current_ = static_cast<std::int32_t>(outline_.stages.size());
  Stage& stage = outline_.stages.emplace_back();
  if (note.product != nullptr) {
    stage.product = *note.product;
    stage.drain = *note.drain;
  }
  if (note.pool != nullptr && note.pool->cut_channels) stage.pool = *note.pool;
  stage.pad = note.pad;
  stage.elements = note.elements;
  stage.granule = note.granule;
  stage.bytes_per_element = note.bytes;
  scale_ = note.tile > 0 ? static_cast<double>(note.elements) / static_cast<double>(note.tile) : 1.0;
  body();
  current_ = -1;
  scale_ = 1.0;
}

void StageEmitter::add_op(const Command& c, Stage& stage) const {
  StageOp op;
  op.unit = unit_of(c.op);
  const Work w = work_of(c, program_);
  const auto all = [&](std::int64_t n) { return scale_ * static_cast<double>(n); };
  op.steps = all(w.lane_steps);
  op.bytes = all(w.bytes);
  op.written = all(std::min(w.bytes, written_bytes(c, program_)));
  op.multiplies = all(w.multiplies);
  op.adds = all(w.adds);
  op.fp_multiplies = all(w.fp_multiplies);
  op.fp_adds = all(w.fp_adds);
  const bool scalar = op.unit == Unit::kScalar || c.op == Opcode::kScalarRbn ||
                      c.op == Opcode::kScalarRbnGrad;
  if (scalar) op.sets = static_cast<std::int64_t>(all(c.count));
  stage.ops.push_back(op);
}

int StageEmitter::emit(const Command& c, const std::vector<std::int32_t>& deps) {
  const bool single = current_ < 0;
  const auto own = single ? static_cast<std::int32_t>(outline_.stages.size()) : current_;
  if (single) outline_.stages.emplace_back();
  Stage& stage = outline_.stages[static_cast<std::size_t>(own)];
  if (units_.empty() || stage_of_.back() != own) {
    stage.layer = c.layer;
    stage.phase = c.phase;
  }
  for (const std::int32_t id : deps) {
    const std::int32_t other = stage_of_[static_cast<std::size_t>(id)];
    if (other == own) continue;
    add_once(c.op == Opcode::kLoad ? stage.loads_after : stage.ops_after, other);
  }
  if (c.op == Opcode::kLoad && stage.loads_after.empty()) ++stage.free_loads;
  if (c.op == Opcode::kGemm) {
    stage.macs += static_cast<double>(c.macs());
    stage.source = kind(c.a);
    stage.weights = kind(c.b);
  } else if (c.transfers()) {
    // A product's operands are the mapping's affair.
    const bool operand = stage.product && c.op == Opcode::kLoad &&
                         static_cast<Pad>(c.pad) != Pad::kAccumulator;
    if (!operand) {
      const bool store = c.op == Opcode::kStore;
      stage.moves.push_back({kind(c.a), store, static_cast<Pad>(c.pad),
                             scale_ * static_cast<double>(c.dma_bytes()),
                             program_.tensors[static_cast<std::size_t>(c.a)].element_bytes});
      stage.order.push_back(store ? Stage::Step::kStore : Stage::Step::kLoad);
    }
  } else {
    add_op(c, stage);
    stage.order.push_back(Stage::Step::kOp);
  }
  units_.push_back(unit_of(c.op));
  stage_of_.push_back(own);
  return static_cast<int>(units_.size()) - 1;
}

}  // namespace octet::sim

#include "sim/formula/stage_emitter.hpp"

#include <algorithm>

#include "sim/timing/costs.hpp"
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
  // A shortcut loads the rows that it keeps: tiles share none.
  if (note.pool != nullptr && note.pool->cut_channels) stage.pool = *note.pool;
  stage.elements = note.elements;
  if (note.tile > 0) scale_ = static_cast<double>(note.elements) / static_cast<double>(note.tile);
  body();
  current_ = -1;
  scale_ = 1.0;
}

void StageEmitter::add_transfer(const Command& c, Stage& stage) {
  const bool store = c.op == Opcode::kStore;
  accesses_.push_back({static_cast<std::int32_t>(outline_.stages.size()) - 1, c.a, store});
  const auto pad = static_cast<Pad>(c.pad);
  if (stage.product && !store && pad != Pad::kAccumulator) return;  // an operand
  stage.moves.push_back({tensor(c.a).kind, store, pad, scale_ * static_cast<double>(c.dma_bytes()),
                         tensor(c.a).element_bytes});
  stage.order.push_back(store ? Stage::Step::kStore : Stage::Step::kLoad);
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
  const bool scalar =
      op.unit == Unit::kScalar || c.op == Opcode::kScalarRbn || c.op == Opcode::kScalarRbnGrad;
  if (scalar) op.sets = static_cast<std::int64_t>(all(c.count));
  stage.ops.push_back(op);
  stage.order.push_back(Stage::Step::kOp);
}

int StageEmitter::emit(const Command& c, const std::vector<std::int32_t>& deps) {
  const bool single = current_ < 0;
  const auto own = single ? static_cast<std::int32_t>(outline_.stages.size()) : current_;
  if (single) outline_.stages.emplace_back();
  Stage& stage = outline_.stages[static_cast<std::size_t>(own)];
  if (stage_of_.empty() || stage_of_.back() != own) {
    stage.layer = c.layer;
    stage.phase = c.phase;
  }
  for (const std::int32_t id : deps) {
    const std::int32_t other = stage_of_[static_cast<std::size_t>(id)];
    if (other != own) add_once(c.op == Opcode::kLoad ? stage.loads_after : stage.ops_after, other);
  }
  if (c.op == Opcode::kLoad && stage.loads_after.empty()) ++stage.free_loads;
  if (c.op == Opcode::kGemm) {
    stage.macs += static_cast<double>(c.macs());
    stage.source = tensor(c.a).kind;
    stage.weights = tensor(c.b).kind;
  } else if (c.transfers()) {
    add_transfer(c, stage);
  } else {
    add_op(c, stage);
  }
  units_.push_back(unit_of(c.op));
  stage_of_.push_back(own);
  return static_cast<int>(units_.size()) - 1;
}

void StageEmitter::finish() {
  LiveBytes live(program_.tensors.size());
  // A stage has several tiles: what it reads and what it makes are there together.
  for (auto first = accesses_.begin(); first != accesses_.end();) {
    const auto past = std::find_if(
        first, accesses_.end(), [&](const Access& access) { return access.stage != first->stage; });
    for (int tile = 0; tile < 2; ++tile)
      for (auto access = first; access != past; ++access)
        live.access(access->tensor, access->store);
    first = past;
  }
  outline_.live_bytes = live.peak(program_.tensors);
  outline_.layers = program_.layers;
  outline_.float32 = program_.float32;
}

void PlanEmitter::stage(const StageNote& note, const std::function<void()>& body) {
  StagePlan& plan = plan_.emplace_back();
  if (note.mapping != nullptr) plan.mapping = *note.mapping;
  plan.tile = note.tile;
  plan.pool = note.pool_size;
  inside_ = true;
  body();
  inside_ = false;
}

int PlanEmitter::emit(const Command& c, const std::vector<std::int32_t>& /*deps*/) {
  if (!inside_) plan_.emplace_back();
  units_.push_back(unit_of(c.op));
  return static_cast<int>(units_.size()) - 1;
}

}  // namespace octet::sim

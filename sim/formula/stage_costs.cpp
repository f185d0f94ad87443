#include "sim/formula/stage_costs.hpp"

#include <algorithm>
#include <cmath>

#include "sim/config/datapath.hpp"
#include "sim/program/lowering/builder.hpp"
#include "sim/timing/costs.hpp"
#include "sim/timing/counting.hpp"

namespace octet::sim {
namespace {

const PadActivity& accesses(Pad pad) {
  switch (pad) {
    case Pad::kActivation:
      return kActivationPad;
    case Pad::kWeight:
      return kWeightPad;
    case Pad::kAccumulator:
      break;
  }
  return kAccumulatorPad;
}

PoolReads reads_of(const PoolShape& s, const PoolSize& size) {
  // Source positions of all tiles of one side together.
  const auto reached = [](std::int64_t all, std::int64_t tile, const auto& source) {
    const std::int64_t tiles = ceil_div(all, tile);
    const auto of = [&](std::int64_t i) {
      return source(Span{i * tile, std::min(tile, all - i * tile)}).count;
    };
    return of(0) + (tiles > 1 ? of(tiles - 1) : 0) + (tiles > 2 ? (tiles - 2) * of(1) : 0);
  };
  const bool whole = size.columns == s.width() && size.channels == s.target_c;
  const std::int64_t rows =
      size.images > 1
          ? s.source_height()
          : reached(s.height(), size.rows, [&](Span span) { return s.source_rows(span); });
  const std::int64_t columns =
      whole ? s.source_width()
            : reached(s.width(), size.columns, [&](Span span) { return s.source_columns(span); });
  const std::int64_t parts =
      ceil_div(s.width(), size.columns) * ceil_div(s.target_c, size.channels);
  PoolReads reads;
  reads.tiles =
      static_cast<double>(ceil_div(s.batch, size.images) * ceil_div(s.height(), size.rows) * parts);
  // Of parts of a row each row is a load of its own.
  reads.loads = whole ? reads.tiles : static_cast<double>(s.batch * rows * parts);
  reads.elements = static_cast<double>(s.batch * rows * columns * s.read_c);
  if (size.channels < s.target_c) {
    reads.run = size.channels;
    reads.pitch = s.source_c;
    reads.images = static_cast<double>(s.batch * ceil_div(s.target_c, size.channels));
  }
  return reads;
}

}  // namespace

StageCosts::StageCosts(const Hardware& hardware, bool float32)
    : hw_(hardware), float32_(float32), memory_(hardware) {
  const DramTimes& t = hardware.dram.t;
  turnaround_ = static_cast<double>(t.wtr_l + t.cl + t.rtrs) *
                static_cast<double>(hardware.clock_hz) /
                static_cast<double>(hardware.dram.clock_hz);
}

void StageCosts::add_sram(Activity access, const Scratchpad& pad, double bytes,
                          StepCosts& sum) const {
  sum.sram_bytes += bytes;
  sum.count(access) += bytes / pad.width_bytes;
}

void StageCosts::add_pad_side(Pad pad, bool store, double bytes, StepCosts& sum) const {
  const PadActivity& access = accesses(pad);
  add_sram(store ? access.read : access.write, scratchpad(hw_, pad), bytes, sum);
}

void StageCosts::add_moved(TensorKind kind, bool store, double bytes, StepCosts& sum) const {
  StepCosts::Traffic& traffic = sum.traffic[static_cast<std::size_t>(kind)];
  (store ? traffic.written : traffic.read) += bytes;
  sum.dram_bytes += bytes;
  sum.count(store ? Activity::kDramWrite : Activity::kDramRead) += bytes / 8.0;
}

double StageCosts::op_cycles(const StageOp& op, double tiles) const {
  if (op.unit == Unit::kScalar) return static_cast<double>(scalar_cycles(op.sets));
  if (op.sets > 0) return 2.0 * static_cast<double>(op.sets) * hw_.range_bn.divider_cycles;
  const auto stream = [&](int lanes, const Scratchpad& pad) {
    return tiles * hw_.vector_depth +
           std::max(op.steps / lanes, op.bytes / static_cast<double>(pad.bytes_per_cycle()));
  };
  if (op.unit == Unit::kVector) return stream(hw_.vector_lanes, hw_.accumulator);
  if (op.unit == Unit::kRangeBn) return stream(hw_.range_bn.lanes, hw_.activation);
  return stream(hw_.update_lanes, hw_.weight);
}

std::array<double, kUnits + 1> StageCosts::add_ops(const Stage& stage, double tiles,
                                                   StepCosts& sum) const {
  std::array<double, kUnits + 1> busy{};
  double clock = 0.0;
  for (const StageOp& op : stage.ops) {
    sum.count(Activity::kInt32Multiply) += op.multiplies;
    sum.count(Activity::kInt32Add) += op.adds;
    sum.count(Activity::kFp32Multiply) += op.fp_multiplies;
    sum.count(Activity::kFp32Add) += op.fp_adds;
    const auto stream = [&](Pad pad) {
      const PadActivity& access = accesses(pad);
      add_sram(access.read, scratchpad(hw_, pad), op.bytes - op.written, sum);
      add_sram(access.write, scratchpad(hw_, pad), op.written, sum);
    };
    int lanes = 1;
    if (op.unit == Unit::kVector) {
      lanes = hw_.vector_lanes;
      stream(Pad::kAccumulator);
    } else if (op.unit == Unit::kRangeBn) {
      lanes = hw_.range_bn.lanes;
      stream(Pad::kActivation);
      sum.count(Activity::kDivide) += 2.0 * static_cast<double>(op.sets);
    } else if (op.unit == Unit::kUpdate) {
      lanes = hw_.update_lanes;
      stream(Pad::kWeight);
    }
    const double cycles = op_cycles(op, tiles);
    clock += cycles * lanes;
    busy[static_cast<std::size_t>(op.unit)] += cycles + tiles;
  }
  sum.count(Activity::kClock) += clock * static_cast<double>(lane_register_bits(hw_.vector_depth));
  return busy;
}

// Tiles of a tensor, one after the other.
Moves StageCosts::long_moves(double commands, double bytes) const {
  const auto burst = static_cast<double>(hw_.dram.burst_bytes);
  const auto run = static_cast<std::int64_t>(std::ceil(bytes / burst) * burst);
  return memory_.moves(static_cast<std::int64_t>(commands), memory_.stream(1, run, run));
}

Moves StageCosts::window_moves(const PoolReads& reads, int element_bytes) const {
  if (reads.run == 0) return long_moves(reads.loads, reads.elements * element_bytes);
  const auto runs = static_cast<std::int64_t>(reads.elements / static_cast<double>(reads.run));
  // The loads of a tile lie side by side: what rows one opens serves the next.
  Moves moves =
      memory_.moves(static_cast<std::int64_t>(reads.images),
                    memory_.stream(runs, reads.run * element_bytes, reads.pitch * element_bytes));
  moves.commands = static_cast<std::int64_t>(reads.loads);
  return moves;
}

StageTimes StageCosts::add_pass(const Stage& stage, const StagePlan& plan, StepCosts& sum) const {
  PoolReads reads;
  double tiles = 1.0;
  if (stage.pool) {
    reads = reads_of(*stage.pool, plan.pool);
    tiles = reads.tiles;
  } else if (stage.elements > 0) {
    tiles = static_cast<double>(ceil_div(stage.elements, plan.tile));
  }
  StageTimes times;
  times.busy = add_ops(stage, tiles, sum);
  // One tile by itself: when its loads, its operations and its stores so far have ended.
  double loads = 0.0, operations = 0.0, stores = 0.0;
  double first_op = 0.0, bus = 0.0, store = 0.0;
  bool two_pads = false;
  int loads_seen = 0;
  auto op = stage.ops.begin();
  auto move = stage.moves.begin();
  for (const Stage::Step step : stage.order) {
    if (step == Stage::Step::kOp) {
      if (op == stage.ops.begin()) times.first_loads = loads;
      operations = std::max(operations, loads) + op_cycles(*op, tiles) / tiles + 1.0;
      if (op == stage.ops.begin()) first_op = operations;
      ++op;
      continue;
    }
    const bool window = stage.pool && move->pad == Pad::kActivation;
    const double bytes = window ? reads.elements * move->element_bytes : move->bytes;
    const Moves moves =
        window ? window_moves(reads, move->element_bytes) : long_moves(tiles, bytes);
    const double time = memory_.time(moves) / tiles;
    bus += memory_.bus(moves) / tiles;
    two_pads = two_pads || move->pad != stage.moves.front().pad;
    if (move->store) {
      stores = std::max(stores, operations) + time;
      store += time;
    } else {
      loads += time;
      if (loads_seen++ < stage.free_loads) times.free_loads += time;
      times.loads = true;
    }
    sum.count(Activity::kDramActivate) += moves.activates;
    add_moved(move->kind, move->store, static_cast<double>(moves.bytes), sum);
    add_pad_side(move->pad, move->store, bytes, sum);
    ++move;
  }
  const double chain = std::max({loads, operations, stores});
  // A half is busy from its load to its store; of pools, whose source has its own, to the
  // operation.
  const double half = two_pads ? std::max(first_op, chain - times.first_loads) : chain;
  const double work = chain - times.first_loads - store;
  // Where stores take longer than loads, those of both halves follow each other, and the memory
  // waits for the work on the first tile, but for the second one's load.
  const bool convoy = stage.elements > 0 && loads < store && work < loads + store;
  double memory = bus + (convoy ? std::max(0.0, work - loads) / 2.0 : 0.0);
  if (store > 0.0 && times.loads) memory += turnaround_;
  const double unit = *std::max_element(times.busy.begin(), times.busy.end()) / tiles;
  const double slowest = std::max({loads, store, memory, unit, half / 2.0});
  times.busy[static_cast<std::size_t>(Unit::kDmaLoad)] = loads * tiles;
  times.busy[static_cast<std::size_t>(Unit::kDmaStore)] = store * tiles;
  times.busy[kUnits] = bus * tiles;
  times.loaded = loads + (tiles - 1.0) * slowest;
  times.end = chain + (tiles - 1.0) * slowest;
  return times;
}

}  // namespace octet::sim

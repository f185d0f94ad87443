#include "sim/formula/stage_costs.hpp"

#include <algorithm>
#include <cmath>

#include "sim/config/datapath.hpp"
#include "sim/mapping/compute.hpp"
#include "sim/program/lowering/builder.hpp"
#include "sim/program/lowering/sink.hpp"
#include "sim/timing/counting.hpp"

namespace octet::sim {
namespace {

double& count_of(StepCosts& sum, Activity activity) {
  return sum.activity[static_cast<std::size_t>(activity)];
}

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

}  // namespace

StageCosts::StageCosts(const Hardware& hardware, const StepOutline& outline)
    : hw_(hardware),
      outline_(outline),
      memory_(hardware),
      burst_(static_cast<double>(hardware.dram.burst_bytes)) {}

void StageCosts::add_sram(Activity access, const Scratchpad& pad, double bytes,
                          StepCosts& sum) const {
  sum.sram_bytes += bytes;
  count_of(sum, access) += bytes / pad.width_bytes;
}

void StageCosts::add_moved(TensorKind kind, bool store, double bytes, StepCosts& sum) const {
  StepCosts::Traffic& traffic = sum.traffic[static_cast<std::size_t>(kind)];
  (store ? traffic.written : traffic.read) += bytes;
  sum.dram_bytes += bytes;
  count_of(sum, store ? Activity::kDramWrite : Activity::kDramRead) += bytes / 8.0;
}

// Of all tiles, without the cycle that issuing takes.
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

StageCosts::Ops StageCosts::add_ops(const Stage& stage, double tiles, StepCosts& sum) const {
  Ops ops;
  double clock = 0.0;
  for (const StageOp& op : stage.ops) {
    count_of(sum, Activity::kInt32Multiply) += op.multiplies;
    count_of(sum, Activity::kInt32Add) += op.adds;
    count_of(sum, Activity::kFp32Multiply) += op.fp_multiplies;
    count_of(sum, Activity::kFp32Add) += op.fp_adds;
    const auto stream = [&](const Scratchpad& pad, const PadActivity& activity) {
      add_sram(activity.read, pad, op.bytes - op.written, sum);
      add_sram(activity.write, pad, op.written, sum);
    };
    int lanes = 1;
    if (op.unit == Unit::kVector) {
      lanes = hw_.vector_lanes;
      stream(hw_.accumulator, kAccumulatorPad);
    } else if (op.unit == Unit::kRangeBn) {
      lanes = hw_.range_bn.lanes;
      stream(hw_.activation, kActivationPad);
      if (op.sets > 0) count_of(sum, Activity::kDivide) += 2.0 * static_cast<double>(op.sets);
    } else if (op.unit == Unit::kUpdate) {
      lanes = hw_.update_lanes;
      stream(hw_.weight, kWeightPad);
    }
    const double cycles = op_cycles(op, tiles);
    clock += cycles * lanes;
    ops.busy[static_cast<std::size_t>(op.unit)] += cycles + tiles;  // a cycle to issue each
  }
  count_of(sum, Activity::kClock) += clock * static_cast<double>(lane_register_bits(hw_.vector_depth));
  for (const double cycles : ops.busy) {
    ops.all += cycles;
    ops.slowest = std::max(ops.slowest, cycles);
  }
  return ops;
}

namespace {

// Tiles of a pool, the loads of each tensor that they read, and the elements of all of these.
struct PoolReads {
  double tiles = 1.0, loads = 1.0, elements = 0.0;
};

PoolReads reads_of(const PoolShape& s, const Hardware& hw) {
  const PoolSize size = largest_pool(hw, s);
  // Source positions of all tiles of one side together.
  const auto reached = [](std::int64_t all, std::int64_t tile, const auto& source) {
    const std::int64_t tiles = ceil_div(all, tile);
    const auto of = [&](std::int64_t i) {
      return source(Span{i * tile, std::min(tile, all - i * tile)}).count;
    };
    return of(0) + (tiles > 1 ? of(tiles - 1) : 0) + (tiles > 2 ? (tiles - 2) * of(1) : 0);
  };
  const std::int64_t rows =
      size.images > 1 ? s.source_height()
                      : reached(s.height(), size.rows, [&](Span span) { return s.source_rows(span); });
  const bool whole = size.columns == s.width() && size.channels == s.target_c;
  const std::int64_t columns =
      whole ? s.source_width()
            : reached(s.width(), size.columns, [&](Span span) { return s.source_columns(span); });
  PoolReads reads;
  reads.tiles = static_cast<double>(ceil_div(s.batch, size.images) * ceil_div(s.height(), size.rows) *
                                    ceil_div(s.width(), size.columns) *
                                    ceil_div(s.target_c, size.channels));
  reads.loads = whole ? reads.tiles
                      : static_cast<double>(s.batch * rows * ceil_div(s.width(), size.columns) *
                                            ceil_div(s.target_c, size.channels));
  reads.elements = static_cast<double>(s.batch * rows * columns * s.read_c);
  return reads;
}

}  // namespace

StageCosts::Times StageCosts::add_pass(const Stage& stage, StepCosts& sum) const {
  double tiles = 1.0;
  PoolReads reads;
  if (stage.pool) {
    reads = reads_of(*stage.pool, hw_);
    tiles = reads.tiles;
  } else if (stage.elements > 0) {
    const std::int64_t tile =
        pass_tile(hw_, stage.pad, stage.elements, stage.granule, stage.bytes_per_element);
    tiles = static_cast<double>(ceil_div(stage.elements, tile));
  }
  const Ops ops = add_ops(stage, tiles, sum);
  // One tile by itself: when its loads, its operations and its stores so far have ended.
  double loads = 0.0, operations = 0.0, stores = 0.0;
  double first_loads = 0.0, first_op = 0.0, bus = 0.0, load = 0.0, store = 0.0;
  auto op = stage.ops.begin();
  auto move = stage.moves.begin();
  Times times;
  bool two_pads = false;
  int seen = 0;
  for (const Stage::Step step : stage.order) {
    if (step == Stage::Step::kOp) {
      if (op == stage.ops.begin()) first_loads = loads;
      operations = std::max(operations, loads) + op_cycles(*op, tiles) / tiles + 1.0;
      if (op == stage.ops.begin()) first_op = operations;
      ++op;
      continue;
    }
    const bool window = stage.pool && move->pad == Pad::kActivation;
    const double moved = window ? reads.elements * move->element_bytes : move->bytes;
    const auto bytes = static_cast<std::int64_t>(std::ceil(moved / burst_) * burst_);
    const Moves moves = memory_.moves(static_cast<std::int64_t>(window ? reads.loads : tiles),
                                      memory_.stream(1, bytes, bytes));
    const double time = memory_.time(moves) / tiles;
    bus += moves.bus / tiles;
    two_pads = two_pads || move->pad != stage.moves.front().pad;
    if (step == Stage::Step::kStore) {
      stores = std::max(stores, operations) + time;
      store += time;
    } else {
      loads += time;
      load += time;
      if (seen++ < stage.free_loads) times.free += time;
      times.loads = true;
    }
    count_of(sum, Activity::kDramActivate) += moves.activates;
    add_moved(move->kind, move->store, static_cast<double>(moves.bytes), sum);
    const PadActivity& access = accesses(move->pad);
    add_sram(move->store ? access.read : access.write, scratchpad(hw_, move->pad), moved, sum);
    ++move;
  }
  const double chain = std::max({loads, operations, stores});
  // A half is busy from its load to its store; of pools, whose source has its own, to the operation.
  const double half = two_pads ? std::max(first_op, chain - first_loads) : chain;
  const double work = chain - first_loads - store;
  // Where stores take longer than loads, those of both halves follow each other, and the memory
  // waits for the work on the first tile, but for the second one's load.
  const bool convoy = stage.elements > 0 && load < store && work < load + store;
  const double memory = bus + (convoy ? std::max(0.0, work - load) / 2.0 : 0.0);
  const double slowest = std::max({load, store, memory, ops.slowest / tiles, half / 2.0});
  times.first = first_loads;
  times.loaded = loads + (tiles - 1.0) * slowest;
  times.end = chain + (tiles - 1.0) * slowest;
  times.busy = ops.busy;
  times.last = chain - first_loads;
  return times;
}

// `parts`: commands that add to the same sums, one after the other.
void StageCosts::add_array_traffic(const Product& p, const Mapping& mapping, std::int64_t parts,
                                   StepCosts& sum) const {
  const auto traffic = [&](const ArrayWork& work) {
    return array_traffic(work, mapping.dataflow, p.source_bytes, p.weight_bytes, false, hw_);
  };
  const auto all = [&](const auto& part) {
    return static_cast<double>(sum_of_commands(p, mapping.tiling, hw_, part));
  };
  add_sram(kActivationPad.read, hw_.activation,
           all([&](const ArrayWork& work) { return traffic(work).activation; }), sum);
  add_sram(kWeightPad.read, hw_.weight,
           all([&](const ArrayWork& work) { return traffic(work).weight; }), sum);
  // Where a command adds to sums that are there, each is read once more.
  const double sums =
      all([&](const ArrayWork& work) { return work.groups * work.m * work.n * work.sum_bytes; });
  const double first = sums / static_cast<double>(parts);
  const double moved = all([&](const ArrayWork& work) { return traffic(work).accumulator; });
  const double read = (moved - sums) / 2.0 + sums - first;
  add_sram(kAccumulatorPad.read, hw_.accumulator, read, sum);
  add_sram(kAccumulatorPad.write, hw_.accumulator, (moved - sums) / 2.0 + sums, sum);
}

StageCosts::Times StageCosts::add_product(const Stage& stage, const Mapping& mapping,
                                          StepCosts& sum) const {
  const Product& p = *stage.product;
  const Tiling& t = mapping.tiling;
  const MappingCost cost = mapping_cost(p, stage.drain, mapping, hw_);
  const bool weights_made = p.gemm == Gemm::kWeightGradient;
  const Parts depth = depth_parts(p, t);
  const std::int64_t slices = depth.wholes + depth.rests;
  const std::int64_t pixels = pixel_tiles(p, t);
  const auto tiles = static_cast<double>(column_tiles(p, t) * (weights_made ? slices : pixels));
  const Ops ops = add_ops(stage, tiles, sum);
  // Traffic: the operands by the mapping, results by what is moved with them.
  add_moved(stage.source, false, static_cast<double>(cost.transfers.source_bytes), sum);
  add_moved(stage.weights, false, static_cast<double>(cost.transfers.weight_bytes), sum);
  double moved = 0.0;
  for (const StageMove& move : stage.moves) moved += move.bytes;
  const auto results = static_cast<double>(cost.transfers.bytes - cost.transfers.source_bytes -
                                           cost.transfers.weight_bytes);
  for (const StageMove& move : stage.moves) {
    add_moved(move.kind, move.store, results * move.bytes / moved, sum);
    add_sram(move.store ? kAccumulatorPad.read : kAccumulatorPad.write, hw_.accumulator, move.bytes,
             sum);
  }
  count_of(sum, Activity::kDramActivate) += cost.transfers.activates;
  add_sram(kActivationPad.write, hw_.activation, static_cast<double>(cost.transfers.source_bytes),
           sum);
  add_sram(kWeightPad.write, hw_.weight, static_cast<double>(cost.transfers.weight_bytes), sum);
  // The array.
  sum.macs += stage.macs;
  const Datapath datapath = datapath_of(hw_, outline_.float32);
  const bool native = hw_.gradient_datapath == GradientDatapath::kNative;
  if (outline_.float32) {
    count_of(sum, mac_of(datapath)) += stage.macs;
  } else if (p.wide_operand && native) {
    count_of(sum, Activity::kMac8x16) += stage.macs;
  } else {
    count_of(sum, Activity::kMac8x8) += stage.macs * (p.wide_operand ? 2 : 1);
  }
  add_array_traffic(p, mapping, weights_made ? pixels : slices, sum);
  count_of(sum, Activity::kClock) +=
      static_cast<double>(cell_register_bits(hw_, datapath) * hw_.cells()) *
      static_cast<double>(cost.compute_cycles);
  const double last = (ops.all + cost.transfers.store) / tiles;
  Times times;
  times.loads = true;
  times.first = cost.transfers.first;
  times.end = cost.cycles;
  times.busy = ops.busy;
  times.busy[static_cast<std::size_t>(Unit::kMacArray)] = static_cast<double>(cost.compute_cycles);
  times.last = last;
  times.loaded = std::max(times.first, cost.cycles - last - 2.0 * (cost.cycles - last - times.first) / tiles);
  return times;
}

StageCosts::Times StageCosts::add(const Stage& stage, const Mapping* mapping,
                                  StepCosts& sum) const {
  return stage.product ? add_product(stage, *mapping, sum) : add_pass(stage, sum);
}

}  // namespace octet::sim

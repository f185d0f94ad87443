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

StageCosts::Ops StageCosts::add_ops(const Stage& stage, double tiles, StepCosts& sum) const {
  std::array<double, kUnits> busy{};
  double clock = 0.0;
  for (const StageOp& op : stage.ops) {
    count_of(sum, Activity::kInt32Multiply) += op.multiplies;
    count_of(sum, Activity::kInt32Add) += op.adds;
    count_of(sum, Activity::kFp32Multiply) += op.fp_multiplies;
    count_of(sum, Activity::kFp32Add) += op.fp_adds;
    double cycles = 0.0;
    const auto stream = [&](int lanes, const Scratchpad& pad, const PadActivity& activity) {
      add_sram(activity.read, pad, op.bytes - op.written, sum);
      add_sram(activity.write, pad, op.written, sum);
      cycles = tiles * hw_.vector_depth +
               std::max(op.steps / lanes, op.bytes / static_cast<double>(pad.bytes_per_cycle()));
    };
    int lanes = 1;
    if (op.unit == Unit::kScalar) {
      cycles = static_cast<double>(scalar_cycles(op.sets));
    } else if (op.sets > 0) {
      cycles = 2.0 * static_cast<double>(op.sets) * hw_.range_bn.divider_cycles;
      count_of(sum, Activity::kDivide) += 2.0 * static_cast<double>(op.sets);
      lanes = hw_.range_bn.lanes;
    } else if (op.unit == Unit::kVector) {
      stream(lanes = hw_.vector_lanes, hw_.accumulator, kAccumulatorPad);
    } else if (op.unit == Unit::kRangeBn) {
      stream(lanes = hw_.range_bn.lanes, hw_.activation, kActivationPad);
    } else {
      stream(lanes = hw_.update_lanes, hw_.weight, kWeightPad);
    }
    clock += cycles * lanes;
    busy[static_cast<std::size_t>(op.unit)] += cycles + tiles;  // a cycle to issue each
  }
  count_of(sum, Activity::kClock) += clock * static_cast<double>(lane_register_bits(hw_.vector_depth));
  Ops ops;
  for (const double cycles : busy) {
    ops.all += cycles;
    ops.slowest = std::max(ops.slowest, cycles);
  }
  return ops;
}

StageCosts::Times StageCosts::add_pass(const Stage& stage, StepCosts& sum) const {
  double tiles = 1.0;
  std::int64_t tile = stage.elements;
  if (stage.elements > 0) {
    tile = pass_tile(hw_, stage.pad, stage.elements, stage.granule, stage.bytes_per_element);
    tiles = static_cast<double>(ceil_div(stage.elements, tile));
  }
  double load = 0.0, store = 0.0, bus = 0.0;
  Times times;
  for (const StageMove& move : stage.moves) {
    const auto bytes = static_cast<std::int64_t>(std::ceil(move.bytes / burst_) * burst_);
    const Moves moves =
        memory_.moves(static_cast<std::int64_t>(tiles), memory_.stream(1, bytes, bytes));
    (move.store ? store : load) += memory_.time(moves);
    bus += memory_.bus(moves);
    times.loads = times.loads || !move.store;
    count_of(sum, Activity::kDramActivate) += moves.activates;
    add_moved(move.kind, move.store, static_cast<double>(moves.bytes), sum);
    const PadActivity& access = accesses(move.pad);
    add_sram(move.store ? access.read : access.write, scratchpad(hw_, move.pad), move.bytes, sum);
  }
  const Ops ops = add_ops(stage, tiles, sum);
  const double chain = load + ops.all + store;
  // Of a tile; a half is busy from its load to its store.
  const double slowest = std::max({load, store, bus, ops.slowest, chain / 2.0}) / tiles;
  times.first = load / tiles;
  times.loaded = load / tiles + (tiles - 1.0) * slowest;
  times.end = chain / tiles + (tiles - 1.0) * slowest;
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
  times.loaded = std::max(times.first, cost.cycles - last - 2.0 * (cost.cycles - last - times.first) / tiles);
  return times;
}

StageCosts::Times StageCosts::add(const Stage& stage, const Mapping* mapping,
                                  StepCosts& sum) const {
  return stage.product ? add_product(stage, *mapping, sum) : add_pass(stage, sum);
}

}  // namespace octet::sim

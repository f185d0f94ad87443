// Products of a step by formula.
#include <algorithm>

#include "sim/config/datapath.hpp"
#include "sim/formula/stage_costs.hpp"
#include "sim/mapping/compute.hpp"
#include "sim/timing/counting.hpp"

namespace octet::sim {

void StageCosts::add_array_traffic(const Product& p, const Mapping& mapping, StepCosts& sum) const {
  const auto all = [&](const auto& part) {
    return static_cast<double>(sum_of_commands(p, mapping.tiling, hw_, part));
  };
  const auto traffic = [&](const ArrayWork& work) {
    return array_traffic(work, mapping.dataflow, p.source_bytes, p.weight_bytes, false, hw_);
  };
  add_sram(kActivationPad.read, hw_.activation,
           all([&](const ArrayWork& work) { return traffic(work).activation; }), sum);
  add_sram(kWeightPad.read, hw_.weight,
           all([&](const ArrayWork& work) { return traffic(work).weight; }), sum);
  // Commands that add to the same sums, one after the other: all but the first read what is there.
  const Parts depth = depth_parts(p, mapping.tiling);
  const std::int64_t parts =
      p.gemm == Gemm::kWeightGradient ? pixel_tiles(p, mapping.tiling) : depth.wholes + depth.rests;
  const double sums =
      all([&](const ArrayWork& work) { return work.groups * work.m * work.n * work.sum_bytes; });
  const double moved = all([&](const ArrayWork& work) { return traffic(work).accumulator; });
  const double again = (moved - sums) / 2.0;  // added to within a command
  add_sram(kAccumulatorPad.read, hw_.accumulator, again + sums - sums / static_cast<double>(parts),
           sum);
  add_sram(kAccumulatorPad.write, hw_.accumulator, again + sums, sum);
}

void StageCosts::add_array(const Stage& stage, const Mapping& mapping, std::int64_t compute_cycles,
                           StepCosts& sum) const {
  const Product& p = *stage.product;
  sum.macs += stage.macs;
  const Datapath datapath = datapath_of(hw_, float32_);
  const bool native = hw_.gradient_datapath == GradientDatapath::kNative;
  if (float32_) {
    sum.count(mac_of(datapath)) += stage.macs;
  } else if (p.wide_operand && native) {
    sum.count(Activity::kMac8x16) += stage.macs;
  } else {
    sum.count(Activity::kMac8x8) += stage.macs * (p.wide_operand ? 2 : 1);
  }
  add_array_traffic(p, mapping, sum);
  sum.count(Activity::kClock) +=
      static_cast<double>(cell_register_bits(hw_, datapath) * hw_.cells()) *
      static_cast<double>(compute_cycles);
}

StageTimes StageCosts::add_product(const Stage& stage, const Mapping& mapping,
                                   StepCosts& sum) const {
  const Product& p = *stage.product;
  const MappingCost cost = mapping_cost(p, stage.drain, mapping, hw_);
  const Transfers& moved = cost.transfers;
  const Parts depth = depth_parts(p, mapping.tiling);
  const bool weights_made = p.gemm == Gemm::kWeightGradient;
  const auto tiles = static_cast<double>(
      column_tiles(p, mapping.tiling) *
      (weights_made ? depth.wholes + depth.rests : pixel_tiles(p, mapping.tiling)));
  const auto parts = static_cast<double>(weights_made ? pixel_tiles(p, mapping.tiling)
                                                      : depth.wholes + depth.rests);
  StageTimes times;
  times.busy = add_ops(stage, tiles, sum);
  double drain = moved.store;
  for (const double cycles : times.busy) drain += cycles;
  add_array(stage, mapping, cost.compute_cycles, sum);
  const auto source = static_cast<double>(moved.source_bytes);
  const auto weights = static_cast<double>(moved.weight_bytes);
  add_moved(stage.source, false, source, sum);
  add_pad_side(Pad::kActivation, false, static_cast<double>(moved.source_payload), sum);
  add_moved(stage.weights, false, weights, sum);
  add_pad_side(Pad::kWeight, false, static_cast<double>(moved.weight_payload), sum);
  // Results: whole bursts are shared out by what is moved.
  double results = 0.0;
  for (const StageMove& move : stage.moves) results += move.bytes;
  const double bursts = static_cast<double>(moved.bytes) - source - weights;
  for (const StageMove& move : stage.moves) {
    add_moved(move.kind, move.store, bursts * move.bytes / results, sum);
    add_pad_side(Pad::kAccumulator, move.store, move.bytes, sum);
  }
  sum.count(Activity::kDramActivate) += moved.activates;
  times.busy[static_cast<std::size_t>(Unit::kMacArray)] = static_cast<double>(cost.compute_cycles);
  times.busy[static_cast<std::size_t>(Unit::kDmaLoad)] = moved.load;
  times.busy[static_cast<std::size_t>(Unit::kDmaStore)] = moved.store;
  times.busy[kUnits] = moved.bus;
  times.loads = true;
  times.first_loads = moved.first;
  times.end = cost.cycles;
  times.last = drain / tiles;
  // Loads run up to two products ahead.
  const double product = (cost.cycles - times.last - moved.first) / (tiles * parts);
  times.loaded = std::max(moved.first, cost.cycles - times.last - 2.0 * product);
  return times;
}

}  // namespace octet::sim

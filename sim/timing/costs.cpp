#include "sim/timing/costs.hpp"

#include <algorithm>

#include "sim/mapping/array.hpp"
#include "sim/mapping/geometry.hpp"
#include "sim/timing/counting.hpp"

namespace octet::sim {
namespace {

constexpr std::int64_t kScalarSet = 32;     // cycles of one set of f32 scalar operations
constexpr std::int64_t kScalarChannel = 4;  // and of each channel after the first

Work integer_work_of(const Command& c, const Program& p) {
  const std::int64_t e = c.elements();
  const auto bytes = [&](std::int64_t tensor) {
    return tensor < 0 ? 0 : std::int64_t{p.tensors[tensor].element_bytes};
  };
  // Threefry: 26 additions or exclusive-ors give bits for four elements.
  const std::int64_t random = (c.flags & kStochastic) != 0 ? 26 * e / 4 : 0;
  const std::int64_t cleared = c.accumulate != 0 ? 0 : e;  // pooled gradients start from zero
  switch (c.op) {
    case Opcode::kBiasSum:
      return {e, e * bytes(c.a), 0, e, 0, 0};
    case Opcode::kRange:
      return {e, e * bytes(c.a), 0, 2 * e, 0, 0};
    case Opcode::kQuantise:
      return {e, e * (4 + bytes(c.out)), e, 3 * e + random, 0, 0};
    case Opcode::kQuantiseWeight:
      return {e, e * 5, 0, 0, e, e};
    case Opcode::kRelu:
      return {e, e * (bytes(c.a) + bytes(c.out)), 0, e, 0, 0};
    case Opcode::kMask:
      return {e, e * (8 + bytes(c.b)), 0, e, 0, 0};
    case Opcode::kMaxPool:
      return {e * c.m, e * ((c.m + 1) * bytes(c.a) + bytes(c.extra)), 0, e * c.m, 0, 0};
    case Opcode::kMaxPoolGrad:
      return {cleared + c.m, 4 * cleared + c.m * (12 + bytes(c.extra)), 0, c.m, 0, 0};
    case Opcode::kAvgPool:
      return {e * c.m, e * (c.m * bytes(c.a) + 4), 0, e * c.m, 0, 0};
    case Opcode::kAvgPoolGrad:
      return {cleared + c.k, 4 * (cleared + c.m) + 8 * c.k, 0, c.k, 0, 0};
    case Opcode::kShortcut:
      return {e, e * bytes(c.out) + c.m * bytes(c.a), 0, 0, 0, 0};
    case Opcode::kShortcutGrad:
      return {e, 4 * e + 4 * c.m, 0, 0, 0, 0};
    case Opcode::kAddCodes:
      return {e, e * (4 + 2 * bytes(c.a)), 2 * e, 3 * e, 0, 0};
    case Opcode::kAddWide:
      return {e, e * 12, 4 * e, 3 * e, 0, 0};
    case Opcode::kSoftmax:
      return {3 * e, e * 16, 2 * e, 6 * e, 0, 0};
    case Opcode::kGradient:
      return {e, e * 12, 0, 0, e, 0};
    case Opcode::kRbnStats:
      return {e, e * bytes(c.a), 0, 3 * e, 0, 0};
    case Opcode::kRbnApply:
      return {e, e * 2 * bytes(c.a), e, 3 * e + random, 0, 0};
    case Opcode::kRbnGradSums: {
      // Both copies of the gradient, or the one f32 gradient.
      const std::int64_t sums = p.float32 ? 1 : 2;
      const std::int64_t copies = p.float32 ? bytes(c.a) : bytes(c.a) + bytes(c.b);
      return {e, e * (bytes(c.c) + copies), sums * e, 3 * sums * e, 0, 0};
    }
    case Opcode::kRbnGradApply:
      return {e, e * (4 + bytes(c.a)), 0, 3 * e, 0, 0};
    case Opcode::kUpdate:
      return {e, e * (20 + bytes(c.c)), 0, 0, 4 * e, 3 * e};
    case Opcode::kScalarWeight:
    case Opcode::kScalarBias:
    case Opcode::kScalarActivation:
    case Opcode::kScalarGradient:
    case Opcode::kScalarRecord:
    case Opcode::kScalarAdd:
    case Opcode::kScalarRbn:
    case Opcode::kScalarRbnGrad:
      return {0, 0, 0, 0, 6 * c.count, 4 * c.count};
    case Opcode::kLoad:
    case Opcode::kStore:
    case Opcode::kGemm:
      return {};
  }
  return {};
}

}  // namespace

// The same operations on f32 values where the program is the float32 baseline.
Work work_of(const Command& c, const Program& p) {
  Work w = integer_work_of(c, p);
  if (!p.float32) return w;
  // Floats of an addition have no scales to unify.
  if (c.op == Opcode::kAddCodes || c.op == Opcode::kAddWide) {
    w.multiplies = 0;
    w.adds = w.lane_steps;
  }
  w.fp_multiplies += w.multiplies;
  w.fp_adds += w.adds;
  w.multiplies = w.adds = 0;
  if (c.op == Opcode::kGradient) w.bytes = 8 * c.elements();  // sums of 4 bytes, not of 8
  return w;
}

std::int64_t scalar_cycles(std::int64_t count) { return kScalarSet + kScalarChannel * (count - 1); }

namespace {

Cost gemm_cost(const Command& c, const Program& p, const Hardware& hw) {
  Cost cost;
  const bool native = hw.gradient_datapath == GradientDatapath::kNative;
  const std::int64_t passes = c.wide_operand != 0 && !native ? 2 : 1;
  const std::int64_t sum_bytes = c.phase == Phase::kWeightGradient && !p.float32 ? 8 : 4;
  const ArrayWork work{c.rows, c.cols, c.depth, c.g, passes, sum_bytes};
  const auto dataflow = static_cast<Dataflow>(c.dataflow);
  cost.cycles = array_cycles(work, dataflow, hw);
  Counters& k = cost.counters;
  k.macs = c.macs();
  if (p.float32) {
    count(k, mac_of(datapath_of(hw, true)), k.macs);
  } else if (c.wide_operand != 0 && native) {
    count(k, Activity::kMac8x16, k.macs);
  } else {
    count(k, Activity::kMac8x8, k.macs * passes);
  }
  const ArrayTraffic traffic = array_traffic(work, dataflow, p.tensors[c.a].element_bytes,
                                             p.tensors[c.b].element_bytes, c.accumulate != 0, hw);
  count_sram(k, kActivationPad.read, hw.activation, traffic.activation);
  count_sram(k, kWeightPad.read, hw.weight, traffic.weight);
  // Every sum that is added to is read and written; the first time it is only written.
  const std::int64_t first = c.accumulate != 0 ? 0 : c.g * c.rows * c.cols * sum_bytes;
  const std::int64_t read = (traffic.accumulator - first) / 2;
  count_sram(k, kAccumulatorPad.read, hw.accumulator, read);
  count_sram(k, kAccumulatorPad.write, hw.accumulator, traffic.accumulator - read);
  count_clock(cost, c, p, hw);
  return cost;
}

}  // namespace

Cost cost_of(const Command& c, const Program& program, const Hardware& hw) {
  Cost cost;
  const Work w = work_of(c, program);
  count(cost.counters, Activity::kInt32Multiply, w.multiplies);
  count(cost.counters, Activity::kInt32Add, w.adds);
  count(cost.counters, Activity::kFp32Multiply, w.fp_multiplies);
  count(cost.counters, Activity::kFp32Add, w.fp_adds);
  const auto stream = [&](std::int64_t lanes, const Scratchpad& pad, const PadActivity& activity) {
    const std::int64_t written = std::min(w.bytes, written_bytes(c, program));
    count_sram(cost.counters, activity.read, pad, w.bytes - written);
    count_sram(cost.counters, activity.write, pad, written);
    const std::int64_t steps = ceil_div(w.lane_steps, lanes);
    const std::int64_t accesses = ceil_div(w.bytes, pad.bytes_per_cycle());
    cost.cycles = hw.vector_depth + std::max(steps, accesses);
    cost.counters.port_cycles = std::max<std::int64_t>(0, accesses - steps);
  };
  switch (unit_of(c.op)) {
    case Unit::kMacArray:
      return gemm_cost(c, program, hw);
    case Unit::kVector:
      stream(hw.vector_lanes, hw.accumulator, kAccumulatorPad);
      break;
    case Unit::kRangeBn:
      if (c.op == Opcode::kScalarRbn || c.op == Opcode::kScalarRbnGrad) {
        cost.cycles = 2 * c.count * hw.range_bn.divider_cycles;
        count(cost.counters, Activity::kDivide, 2 * c.count);
      } else {
        stream(hw.range_bn.lanes, hw.activation, kActivationPad);
      }
      break;
    case Unit::kUpdate:
      stream(hw.update_lanes, hw.weight, kWeightPad);
      break;
    case Unit::kScalar:
      cost.cycles = scalar_cycles(c.count);
      break;
    case Unit::kDmaLoad:
    case Unit::kDmaStore:
      count_dma(cost.counters, c, hw);
      break;
  }
  count_clock(cost, c, program, hw);
  return cost;
}

}  // namespace octet::sim

#include "sim/timing/counting.hpp"

#include "sim/config/datapath.hpp"

namespace octet::sim {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

void count(Counters& counters, Activity activity, std::int64_t n) {
  counters.activity[static_cast<std::size_t>(activity)] += n;
}

void count_sram(Counters& counters, Activity access, const Scratchpad& pad, std::int64_t bytes) {
  counters.sram_bytes += bytes;
  count(counters, access, ceil_div(bytes, pad.width_bytes));
}

void count_dma(Counters& counters, const Command& c, const Hardware& hw) {
  const auto access = [&](const PadActivity& activity, const Scratchpad& pad) {
    count_sram(counters, c.op == Opcode::kLoad ? activity.write : activity.read, pad,
               c.dma_bytes());
  };
  switch (static_cast<Pad>(c.pad)) {
    case Pad::kActivation:
      return access(kActivationPad, hw.activation);
    case Pad::kWeight:
      return access(kWeightPad, hw.weight);
    case Pad::kAccumulator:
      return access(kAccumulatorPad, hw.accumulator);
  }
}

std::int64_t written_bytes(const Command& c, const Program& p) {
  const std::int64_t e = c.elements();
  const auto bytes = [&](std::int64_t tensor) {
    return tensor < 0 ? 0 : std::int64_t{p.tensors[tensor].element_bytes};
  };
  switch (c.op) {
    case Opcode::kQuantise:
    case Opcode::kRelu:
    case Opcode::kShortcut:
    case Opcode::kRbnApply:
      return e * bytes(c.out);
    case Opcode::kQuantiseWeight:
      return e;
    case Opcode::kMaxPool:
      return e * (bytes(c.a) + bytes(c.extra));
    case Opcode::kMaxPoolGrad:
      return 4 * (e + c.m);
    case Opcode::kAvgPoolGrad:
      return 4 * (e + c.k);
    case Opcode::kMask:
    case Opcode::kAvgPool:
    case Opcode::kShortcutGrad:
    case Opcode::kAddCodes:
    case Opcode::kAddWide:
    case Opcode::kSoftmax:
    case Opcode::kGradient:
    case Opcode::kRbnGradApply:
      return 4 * e;
    case Opcode::kUpdate:
      return e * (8 + bytes(c.c));
    default:  // sums and extremes stay in the unit, scalars in registers
      return 0;
  }
}

Activity mac_of(Datapath datapath) {
  switch (datapath) {
    case Datapath::kFloat32:
      return Activity::kMacFp32;
    case Datapath::kFloat16:
      return Activity::kMacFp16;
    case Datapath::kBfloat16:
      return Activity::kMacBf16;
    case Datapath::kInt8:
      break;
  }
  return Activity::kMac8x8;
}

void count_clock(Cost& cost, const Command& c, const Program& p, const Hardware& hw) {
  const auto lanes = [&](std::int64_t n) { return n * lane_register_bits(hw.vector_depth); };
  std::int64_t bits = 0;
  switch (unit_of(c.op)) {
    case Unit::kMacArray:
      bits = cell_register_bits(hw, datapath_of(hw, p.float32)) * hw.cells();
      break;
    case Unit::kVector:
      bits = lanes(hw.vector_lanes);
      break;
    case Unit::kRangeBn:
      bits = lanes(hw.range_bn.lanes);
      break;
    case Unit::kUpdate:
      bits = lanes(hw.update_lanes);
      break;
    case Unit::kScalar:
      bits = lanes(1);
      break;
    case Unit::kDmaLoad:
    case Unit::kDmaStore:
      break;
  }
  count(cost.counters, Activity::kClock, bits * cost.cycles);
}

}  // namespace octet::sim

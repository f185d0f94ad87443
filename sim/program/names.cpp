#include "sim/program/program.hpp"

namespace octet::sim {
namespace {

struct OpcodeRow {
  const char* name;
  Unit unit;
};
// In the order of Opcode.
constexpr std::array<OpcodeRow, kOpcodes> kOpcodeTable{{
    {"load", Unit::kDmaLoad},
    {"store", Unit::kDmaStore},
    {"gemm", Unit::kMacArray},
    {"bias_sum", Unit::kVector},
    {"range", Unit::kVector},
    {"quantise", Unit::kVector},
    {"quantise_weight", Unit::kVector},
    {"relu", Unit::kVector},
    {"mask", Unit::kVector},
    {"max_pool", Unit::kVector},
    {"max_pool_grad", Unit::kVector},
    {"avg_pool", Unit::kVector},
    {"avg_pool_grad", Unit::kVector},
    {"shortcut", Unit::kVector},
    {"shortcut_grad", Unit::kVector},
    {"add_codes", Unit::kVector},
    {"add_wide", Unit::kVector},
    {"softmax", Unit::kVector},
    {"gradient", Unit::kVector},
    {"rbn_stats", Unit::kRangeBn},
    {"rbn_apply", Unit::kRangeBn},
    {"rbn_grad_sums", Unit::kRangeBn},
    {"rbn_grad_apply", Unit::kRangeBn},
    {"update", Unit::kUpdate},
    {"scalar_weight", Unit::kScalar},
    {"scalar_bias", Unit::kScalar},
    {"scalar_activation", Unit::kScalar},
    {"scalar_gradient", Unit::kScalar},
    {"scalar_record", Unit::kScalar},
    {"scalar_add", Unit::kScalar},
    {"scalar_rbn", Unit::kRangeBn},
    {"scalar_rbn_grad", Unit::kRangeBn},
}};
constexpr std::array<const char*, kPhases> kPhaseNames{"forward", "data_gradient",
                                                       "weight_gradient", "update"};
constexpr std::array<const char*, kUnits> kUnitNames{"mac_array", "range_bn", "vector",   "update",
                                                     "scalar",    "dma_load", "dma_store"};
constexpr std::array<const char*, kPads> kPadNames{"activation", "weight", "accumulator"};
constexpr std::array<const char*, kTensorKinds> kKindNames{
    "image",  "label",    "activation",    "wide_activation", "pool_index", "weight",
    "master", "momentum", "wide_gradient", "gradient8",       "gradient16", "weight_gradient"};

}  // namespace

Unit unit_of(Opcode op) { return kOpcodeTable[static_cast<std::size_t>(op)].unit; }
const char* opcode_name(Opcode op) { return kOpcodeTable[static_cast<std::size_t>(op)].name; }
const char* scope_name(Scope scope) {
  switch (scope) {
    case Scope::kForward:
      return "forward";
    case Scope::kInference:
      return "inference";
    case Scope::kStep:
      break;
  }
  return "training_step";
}

const char* phase_name(Phase phase) { return kPhaseNames[static_cast<std::size_t>(phase)]; }
const char* unit_name(Unit unit) { return kUnitNames[static_cast<std::size_t>(unit)]; }
const char* pad_name(Pad pad) { return kPadNames[static_cast<std::size_t>(pad)]; }
const char* tensor_kind_name(TensorKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

}  // namespace octet::sim

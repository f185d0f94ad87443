#pragma once
#include <cstdint>
#include <vector>

namespace octet::sim {

// One training step as plain data: docs/program.md.
enum class Opcode : std::uint8_t {
  kLoad,              // DRAM -> scratchpad
  kStore,             // scratchpad -> DRAM
  kGemm,              // one scratchpad tile of a matrix product; the phase says which product
  kBiasSum,           // sums of a gradient copy over pixels, one a channel
  kRange,             // extremes of wide integers or of f32 weights
  kQuantise,          // wide -> codes
  kQuantiseWeight,    // f32 -> codes
  kRelu,              // codes -> codes
  kMask,              // wide gradient where the ReLU let its input through
  kMaxPool,           // codes -> codes and the winner's place
  kMaxPoolGrad,       // wide -> wide
  kAvgPool,           // codes -> wide
  kAvgPoolGrad,       // wide -> wide
  kShortcut,          // codes -> codes: every stride-th pixel, zero channels added
  kShortcutGrad,      // wide -> wide
  kAddCodes,          // codes + codes -> wide
  kAddWide,           // wide + wide -> wide, scales unified first
  kSoftmax,           // wide logits -> wide gradient
  kGradient,          // integer weight-gradient sums -> f32
  kRbnStats,          // Range-BN statistics of a run of elements
  kRbnApply,          // Range-BN normalisation
  kRbnGradSums,       // Range-BN gradient sums of both copies
  kRbnGradApply,      // Range-BN data gradient
  kUpdate,            // SGD on f32 parameters
  kScalarWeight,      // range of weights -> format
  kScalarBias,        // f32 bias -> accumulator units
  kScalarActivation,  // range -> format and multipliers; running extremes
  kScalarGradient,    // range -> formats of both copies
  kScalarRecord,      // this step's range kept for the next (range: delayed)
  kScalarAdd,         // magnitudes -> scales of an addition
  kScalarRbn,         // statistics -> mean, reciprocal, gain, output format
  kScalarRbnGrad,     // sums -> mean gradient, extreme term, dgamma, dbeta
};
inline constexpr int kOpcodes = static_cast<int>(Opcode::kScalarRbnGrad) + 1;

enum class Phase : std::uint8_t { kForward, kDataGradient, kWeightGradient, kUpdate };
inline constexpr int kPhases = 4;

// All fields are integers and 0 (or -1 for tensors) where they do not apply: docs/program.md.
struct Command {
  Opcode op = Opcode::kLoad;
  Phase phase = Phase::kForward;
  int layer = 0;                   // network node
  std::vector<std::int32_t> deps;  // earlier commands that must have finished
  // Operands, indices into Program::tensors.
  std::int64_t a = -1, b = -1, c = -1, out = -1, extra = -1;
  // Elements: `count` from `first`; or, where n > 0, channels [n0, n0 + n) of the `count` rows from
  // row `first`, rows being `pitch` elements apart.
  std::int64_t first = 0, count = 0, pitch = 0;
  // GEMM: ranges of its index space. m: pixels of the output, n: columns within the group.
  std::int64_t m0 = 0, m = 0, n0 = 0, n = 0, k0 = 0, k = 0, g0 = 0, g = 0;
  std::int64_t phase_y = 0, phase_x = 0;       // data gradient: residue of the input row and column
  std::int64_t rows = 0, cols = 0, depth = 0;  // what the array sees, for each group
  std::int64_t wide_operand = 0;               // 1: 8x16
  std::int64_t dataflow = 0;                   // Dataflow: 0 os, 1 ws, 2 is
  std::int64_t accumulate = 0;                 // 1: adds to what is there (GEMM, range, sums)
  std::int64_t flags = 0;                      // kClip, kDelayed, kStochastic, ...
  // DMA.
  std::int64_t pad = 0, offset = 0, run_bytes = 0, runs = 0, stride = 0;
  [[nodiscard]] std::int64_t elements() const { return n > 0 ? count * n : count; }
  [[nodiscard]] std::int64_t macs() const { return rows * cols * depth * g; }
  [[nodiscard]] bool transfers() const { return op == Opcode::kLoad || op == Opcode::kStore; }
  [[nodiscard]] std::int64_t dma_bytes() const { return run_bytes * runs; }
  bool operator==(const Command&) const = default;
};

inline constexpr std::int64_t kClip = 1;        // range clipped at zero: only a ReLU follows
inline constexpr std::int64_t kDelayed = 2;     // the format comes from the step before
inline constexpr std::int64_t kStochastic = 4;  // rounding
inline constexpr std::int64_t kPerChannel = 8;  // extremes a channel
inline constexpr std::int64_t kWideCopy = 16;   // quantise: the copy for the weight gradient
inline constexpr std::int64_t kBias = 32;       // the parameter is a bias or beta
inline constexpr std::int64_t kDecay = 64;      // update with weight decay
inline constexpr std::int64_t kRefetch = 128;   // load: this product has loaded it before

}  // namespace octet::sim

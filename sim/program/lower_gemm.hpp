#pragma once
#include "sim/config/hardware.hpp"
#include "sim/mapping/search.hpp"
#include "sim/program/lowering/emitter.hpp"
#include "sim/program/program.hpp"

namespace octet::sim {

// One product C[m][n] = sum over k of A[m][k] B[k][n], alone on a machine.
struct GemmProblem {
  enum class Operands {
    k8x8,      // codes by codes; int32 results
    k8x16,     // codes by 16-bit gradients, as the weight gradient has them; f32 results
    kFloat32,  // f32 by f32, which cells of 16 bits round
    kFloat16,  // float16 or bfloat16 by the same, with such results
  };
  std::int64_t m = 1, n = 1, k = 1;
  Operands operands = Operands::k8x8;
};
inline constexpr std::int64_t kMaxGemmSize = (std::int64_t{1} << 31) - 1;  // of m, n and k
inline constexpr std::int64_t kMaxGemmMacs = std::int64_t{1} << 44;

// Its program: operands from DRAM, the product in tiles, results to DRAM; one layer, "gemm".
// Throws octet::Error: a size out of range, a scratchpad too small for one tile.
[[nodiscard]] Program lower_gemm(const GemmProblem& problem, const Hardware& hardware);
// The same, as lower_to() does it for a step.
void lower_gemm_to(const GemmProblem& problem, const Hardware& hardware, MappingCache& mappings,
                   Program& program, Emitter& emitter);

}  // namespace octet::sim

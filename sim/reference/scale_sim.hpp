#pragma once
#include <array>
#include <cstdint>

namespace octet::sim::scale_sim {

// A product of M output pixels by N filters, K values each: C[m][n] = A[m][k] B[k][n].
struct Gemm {
  std::int64_t m = 0, n = 0, k = 0;
};
inline constexpr std::int64_t kMaxSize = (std::int64_t{1} << 31) - 1;  // of each

enum class Dataflow : std::uint8_t { kOutputStationary, kWeightStationary, kInputStationary };
inline constexpr int kDataflows = 3;
[[nodiscard]] const char* short_name(Dataflow dataflow);  // "os", "ws", "is"

// Compute cycles that SCALE-Sim v2 reports (ideal memory) on `rows` x `cols` processing elements:
// every fold pays its fill and drain, and the whole is one less than the cycles that pass.
// Sizes from 1 to kMaxSize. Throws octet::Error where the count does not fit 63 bits.
[[nodiscard]] std::int64_t compute_cycles(const Gemm& gemm, std::int64_t rows, std::int64_t cols,
                                          Dataflow dataflow);

}  // namespace octet::sim::scale_sim

#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "model/kernels/kernels.hpp"
#include "model/quant/quantise.hpp"

namespace octet::model {

// Requantisation of x = 256 g - offset, g an 8-bit code, in 32 bits. As a factor is an f32, its
// mantissa has 24 bits, so that mantissa times g fits 32 unsigned bits: with g' = g xor flip,
//   value(g) = (((factor g' + constant - step [g' < below]) mod 2^32) >> shift) + zero.
// `flip` (0 or 255) makes a negative factor positive; `step` is what gemmlowp's second rounding
// takes off negative values, x < 0 being g' < below.
struct AffineFactor {
  std::uint32_t factor = 0, constant = 0, shift = 0, flip = 0, below = 0, step = 0;
  std::int32_t zero = 0;
};

// value(g) = zero_point + RQ(256 g - offset, factor), not yet saturated, for all g; nothing where
// 32 bits do not hold it. |offset| < 2^18.
[[nodiscard]] std::optional<AffineFactor> affine_nearest(std::int32_t offset, Multiplier factor,
                                                         std::int32_t zero_point);
// (value(g) + r) >> 16 = zero_point + RS(256 g - offset, factor, r), for 16 random bits r.
[[nodiscard]] std::optional<AffineFactor> affine_stochastic(std::int32_t offset, Multiplier factor,
                                                            std::int32_t zero_point);

// The factors of all channels, as the kernels read them.
class AffineFactors {
 public:
  void push_back(const AffineFactor& factor);
  [[nodiscard]] std::size_t size() const { return zero_.size(); }
  // Rows g[rows][channels] to codes in [0, q_max], to nearest.
  void run(const std::uint8_t* g, std::size_t rows, std::int32_t q_max, std::uint16_t* codes) const;
  // The same with random[rows][channels].
  void run(const std::uint8_t* g, std::size_t rows, std::int32_t q_max, const std::uint16_t* random,
           std::uint8_t* codes) const;

 private:
  [[nodiscard]] AffineJob job(const std::uint8_t* g, std::size_t rows, std::int32_t q_max) const;
  std::vector<std::uint32_t> factor_, constant_, shift_, flip_, below_, step_;
  std::vector<std::int32_t> zero_;
};

}  // namespace octet::model

#pragma once
#include "sim/mapping/array.hpp"
#include "sim/mapping/tiling.hpp"

namespace octet::sim {

// Cycles of the MAC array for all tiles of a product, the cycle that issuing takes included: as the
// machine counts them, but for rests of a stride that tiles of a data gradient do not share evenly.
[[nodiscard]] std::int64_t compute_cycles(const Product& product, const Tiling& tiling,
                                          Dataflow dataflow, const Hardware& hw);

// The dataflow of fewest cycles among those that the machine has and its ports feed; ties go to the
// first of os, ws, is.
[[nodiscard]] Dataflow best_dataflow(const Product& product, const Tiling& tiling,
                                     const Hardware& hw);

// How often a size occurs when a dimension is cut: whole tiles and the rest.
struct Parts {
  std::int64_t whole = 0, wholes = 0, rest = 0, rests = 0;
  template <class Body>
  std::int64_t sum(const Body& body) const {
    std::int64_t total = wholes > 0 ? wholes * body(whole) : 0;
    if (rests > 0) total += rests * body(rest);
    return total;
  }
};
[[nodiscard]] Parts parts_of(std::int64_t size, std::int64_t tile);
// The slices of the depth, by size.
[[nodiscard]] Parts depth_parts(const Product& product, const Tiling& tiling);

}  // namespace octet::sim

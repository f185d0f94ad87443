#pragma once
#include "sim/config/hardware.hpp"

namespace octet::sim {

// What commands that follow each other on one tile ask of a unit, all of them together.
struct UnitWork {
  int commands = 0;
  std::int64_t steps = 0;         // of a lane
  std::int64_t ported_bytes = 0;  // at the scratchpad's port
};

// One tile of what streams through a scratchpad and a unit.
struct TileWork {
  std::int64_t moved_bytes = 0;  // over DRAM's bus, both ways together
  int transfers = 2;             // loads and stores
  UnitWork unit;
  UnitWork range_bn;                                   // of the Range-BN unit beside it
  [[nodiscard]] TileWork times(std::int64_t n) const;  // a tile of n such, with as many commands
};

// The unit and the scratchpad that it streams through.
struct Streamer {
  int lanes = 1;
  const Scratchpad& pad;
};

// What `tiles` such tiles take: the first load and the last drain, which nothing hides, and between
// them, double buffered, the slowest of memory, units, and half of a tile's whole way. The memory
// serves one transfer after the other, each with a latency of its own.
[[nodiscard]] double stream_cycles(const TileWork& tile, std::int64_t tiles, const Streamer& unit,
                                   const Hardware& hardware);

// Tensors that stream in tiles of whole granules; work and bytes of one granule.
struct PassShape {
  std::int64_t granules = 1;
  TileWork granule;
  std::int64_t pad_bytes = 1;  // that a granule takes of the scratchpad
};
// Granules of a tile, 1 to all of them: of few sizes that fit half of the scratchpad the one of
// least stream_cycles(). The sizes do not depend on the machine, so with more room, bandwidth,
// lanes or ports the cost that is chosen by is never higher. 1 where not even that fits.
[[nodiscard]] std::int64_t pass_tile(const PassShape& shape, const Streamer& unit,
                                     const Hardware& hardware);

// size / q for q = 1, 2, ..., in growing steps, down to 1: body(ceil(size / q)).
template <class Body>
void for_each_part(std::int64_t size, const Body& body) {
  for (std::int64_t q = 1;; q += q < 4 ? 1 : q / 4) {
    const std::int64_t part = (size + q - 1) / q;
    body(part);
    if (part <= 1) return;
  }
}

}  // namespace octet::sim

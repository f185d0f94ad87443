#include "sim/config/dram_kinds.hpp"

namespace octet::sim {

const std::vector<DramKind>& dram_kinds() {
  // DDR4: JEDEC JESD79-4 speed bins 2400R (17-17-17) and 3200AA (22-22-22), 8 Gb devices of 8 bits.
  // HBM2: JESD235; 14-14-14 at 1 GHz, 8 Gb a channel, legacy mode.
  static const std::vector<DramKind> kinds{
      {"DDR4-2400", 1200000000, 16, 8192, 64, 4, 14.16, 14.16, 14.16, 7800.0, 350.0},
      {"DDR4-3200", 1600000000, 16, 8192, 64, 4, 13.75, 13.75, 13.75, 7800.0, 350.0},
      {"HBM2", 1000000000, 16, 2048, 64, 2, 14.0, 14.0, 14.0, 3900.0, 350.0},
  };
  return kinds;
}

int clocks_of(double ns, std::int64_t clock_hz) {
  const double clocks = ns * 1e-9 * static_cast<double>(clock_hz);
  const int whole = static_cast<int>(clocks);
  return clocks - whole > 0.01 ? whole + 1 : whole;
}

Dram make_dram(const DramKind& kind, int channels) {
  Dram dram;
  dram.kind = kind.name;
  dram.clock_hz = kind.clock_hz;
  dram.channels = channels;
  dram.banks = kind.banks;
  dram.row_bytes = kind.row_bytes * channels;
  dram.burst_bytes = kind.burst_bytes * channels;
  dram.burst_clocks = kind.burst_clocks;
  dram.cl = clocks_of(kind.cl_ns, kind.clock_hz);
  dram.rcd = clocks_of(kind.rcd_ns, kind.clock_hz);
  dram.rp = clocks_of(kind.rp_ns, kind.clock_hz);
  dram.refi = clocks_of(kind.refi_ns, kind.clock_hz);
  dram.rfc = clocks_of(kind.rfc_ns, kind.clock_hz);
  return dram;
}

}  // namespace octet::sim

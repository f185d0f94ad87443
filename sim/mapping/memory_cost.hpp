#pragma once
#include <algorithm>
#include <cstdint>

#include "sim/config/hardware.hpp"

namespace octet::sim {

// Runs of bytes in DRAM, the load or store commands that ask for them, and the rows these open.
struct Moves {
  std::int64_t commands = 0, runs = 0, bytes = 0;  // whole bursts
  double activates = 0.0;
  double crowded = 0.0;      // bytes, as if all channels moved as many as the busiest
  double columns = 0.0;      // the same of bursts and banks
  double rows = 0.0;         // that one bank opens one after the other
  std::int64_t tiles = 0;    // that are loaded, each by a command or several
  std::int64_t payload = 0;  // of the bytes, what is asked for
  void add(std::int64_t count, const Moves& other);
};

// The memory of a machine as tilings meet it.
class MemoryCosts {
 public:
  explicit MemoryCosts(const Hardware& hw);
  // `runs` of `run` bytes that begin `pitch` apart; whole bursts as they come on average.
  struct Stream {
    std::int64_t runs = 0, run = 0, pitch = 0, bytes = 0;
    double channels = 1.0, banks = 1.0;  // the busiest's part, as a multiple of the mean
    double rows = 0.0;                   // that runs open in one bank
  };
  [[nodiscard]] Stream stream(std::int64_t runs, std::int64_t run, std::int64_t pitch) const;
  // A stream that so many commands ask for.
  [[nodiscard]] Moves moves(std::int64_t commands, const Stream& stream) const;
  // The same of one long run.
  [[nodiscard]] Moves long_runs(std::int64_t commands, std::int64_t run, std::int64_t step) const;
  [[nodiscard]] double bytes(std::int64_t bytes) const {  // cycles of the bus, rows apart
    return static_cast<double>(bytes) / bandwidth_;
  }
  // That nothing else can use: with rows, and with runs, which follow each other in the order of
  // the commands even where the bus is idle.
  [[nodiscard]] double bus(const Moves& moves) const;
  [[nodiscard]] double time(const Moves& moves) const;  // of a DMA

 private:
  [[nodiscard]] double activates(std::int64_t commands, std::int64_t runs, std::int64_t run,
                                 std::int64_t pitch, std::int64_t bytes) const;
  void find_busiest(Stream& stream) const;
  std::int64_t burst_;
  RowStretch rows_;
  double bandwidth_, latency_, run_, activate_;
  bool closed_page_ = false;
  bool fine_ = false;  // neighbouring bursts lie in neighbouring channels, then bank groups
  std::int64_t channels_, higher_banks_;  // those that a stretch of rows leaves for the next
  int in_flight_;
  double row_;     // cycles between rows of one bank
  double column_;  // cycles between columns of one bank, over all banks of a stretch
};

// Here because the search asks for them hundreds of times a product.
inline void Moves::add(std::int64_t count, const Moves& other) {
  commands += count * other.commands;
  runs += count * other.runs;
  bytes += count * other.bytes;
  activates += static_cast<double>(count) * other.activates;
  crowded += static_cast<double>(count) * other.crowded;
  columns += static_cast<double>(count) * other.columns;
  rows += static_cast<double>(count) * other.rows;
  tiles += count * other.tiles;
  payload += count * other.payload;
}

inline Moves MemoryCosts::moves(std::int64_t commands, const Stream& s) const {
  if (s.runs == 0) return {};
  const auto bytes = static_cast<double>(s.bytes);
  Moves m{commands,
          s.runs,
          s.bytes,
          0.0,
          bytes * s.channels,
          bytes / static_cast<double>(burst_) * s.banks,
          s.rows,
          commands,
          s.runs * s.run};
  if (s.run == s.pitch) {
    m.runs = 1;
    m.activates = activates(1, 1, s.bytes, 0, s.bytes);
  } else {
    m.activates = activates(commands, s.runs, s.run, s.pitch, s.bytes);
  }
  return m;
}

inline double MemoryCosts::bus(const Moves& m) const {
  return std::max({m.crowded / bandwidth_, activate_ * m.activates, column_ * m.columns,
                   row_ * m.rows, run_ * static_cast<double>(m.runs)});
}

inline double MemoryCosts::time(const Moves& m) const {
  return bus(m) + latency_ * static_cast<double>(m.commands);
}

}  // namespace octet::sim

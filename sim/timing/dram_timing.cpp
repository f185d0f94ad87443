#include "sim/timing/dram_timing.hpp"

#include <algorithm>

namespace octet::sim {
namespace {

constexpr std::int64_t kControllerClocks = 2;  // request in, data out

}  // namespace

DramTiming::DramTiming(const Dram& dram)
    : dram_(dram), banks_(static_cast<std::size_t>(dram.banks)), next_refresh_(dram.refi) {}

void DramTiming::refresh_until(std::int64_t clock) {
  while (dram_.refi > 0 && clock >= next_refresh_) {
    for (Bank& bank : banks_) {
      bank.row = -1;
      bank.ready = std::max(bank.ready, next_refresh_ + dram_.rfc);
    }
    next_refresh_ += dram_.refi;
    ++refreshes;
  }
}

std::int64_t DramTiming::access_row(std::int64_t row, std::int64_t bursts, std::int64_t clock) {
  refresh_until(std::max(clock, bus_free_ - dram_.cl));
  Bank& bank = banks_[static_cast<std::size_t>(row % dram_.banks)];
  std::int64_t command = std::max(clock, bank.ready);
  if (bank.row == row) {
    ++hits;
  } else if (bank.row < 0) {
    ++misses;
    command += dram_.rcd;
  } else {
    ++conflicts;
    command += dram_.rp + dram_.rcd;
  }
  bank.row = row;
  const std::int64_t start = std::max(command + dram_.cl, bus_free_);
  std::int64_t end = start + bursts * dram_.burst_clocks;
  while (dram_.refi > 0 && end > next_refresh_) {  // refreshed on the way: stop, and open again
    for (Bank& other : banks_) {
      if (&other != &bank) other.row = -1;
      other.ready = std::max(other.ready, next_refresh_ + dram_.rfc);
    }
    end += dram_.rfc + dram_.rcd;
    next_refresh_ += dram_.refi;
    ++refreshes;
  }
  busy_clocks += bursts * dram_.burst_clocks;
  bus_free_ = end;
  bank.ready = std::max(bank.ready, end - dram_.cl);
  return end + kControllerClocks;
}

std::int64_t DramTiming::access(std::int64_t address, std::int64_t bytes, std::int64_t clock) {
  std::int64_t done = clock;
  std::int64_t first = address / dram_.burst_bytes;
  const std::int64_t last = (address + bytes + dram_.burst_bytes - 1) / dram_.burst_bytes;
  const std::int64_t row_bursts = dram_.row_bytes / dram_.burst_bytes;
  while (first < last) {
    const std::int64_t row = first / row_bursts;
    const std::int64_t bursts = std::min(last, (row + 1) * row_bursts) - first;
    done = access_row(row, bursts, clock);
    first += bursts;
  }
  return done;
}

std::int64_t DramTiming::moved_bytes(std::int64_t address, std::int64_t bytes) const {
  const std::int64_t first = address / dram_.burst_bytes;
  const std::int64_t last = (address + bytes + dram_.burst_bytes - 1) / dram_.burst_bytes;
  return (last - first) * dram_.burst_bytes;
}

}  // namespace octet::sim

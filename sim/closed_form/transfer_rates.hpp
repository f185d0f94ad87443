#pragma once
#include <array>
#include <optional>
#include <unordered_map>

#include "sim/dram/address_map.hpp"
#include "sim/timing/transfer.hpp"

namespace octet::sim {

// What a transfer finds in the memory.
enum class Found : std::uint8_t {
  kOpenRow,   // its first row is open
  kOtherRow,  // another row is open in the bank, which rests
  kBusyBank,  // another row, and the bank is the one that was used last
};
inline constexpr int kFound = 3;

// What a transfer takes of one machine's memory: cycles, as the model of the memory gives them
// without refreshes.
struct TransferRate {
  std::array<double, kFound> alone{};   // from its first run to its end, the memory idle
  std::array<double, kFound> behind{};  // from the end of a transfer of the other direction
  std::array<double, kFound> again{};   // from the end of one of its own direction
  double refresh = 0.0;                 // what a refresh in the middle adds
  double activates = 0.0;               // rows opened
};

// Transfers of a shape, measured once each on the memory's model and remembered: for all programs
// of machines with this memory, clock and number of runs in flight.
class TransferRates {
 public:
  TransferRates(const Dram& dram, std::int64_t cycle_hz, int in_flight);
  // The rate of `runs` of `run_bytes`, `stride` apart. The reference stays good.
  [[nodiscard]] const TransferRate& find(bool write, std::int64_t address, std::int64_t runs,
                                         std::int64_t run_bytes, std::int64_t stride);
  // Where addresses that share rows lie: the stripe's bank and row.
  struct Row {
    int bank = 0;
    std::int64_t row = 0;
  };
  [[nodiscard]] std::int64_t stripe_of(std::int64_t address) const {
    return address / stripe_bytes_;
  }
  [[nodiscard]] std::int64_t stripe_bytes() const { return stripe_bytes_; }
  // Places within a stripe's pass over its banks that these bytes reach, as a set.
  [[nodiscard]] std::uint64_t places(std::int64_t address, std::int64_t bytes) const;
  [[nodiscard]] double precharge_cycles() const { return precharge_cycles_; }
  [[nodiscard]] double bytes_per_cycle() const { return bytes_per_cycle_; }  // at most
  [[nodiscard]] Row row_of(std::int64_t stripe) const {
    const DramPlace place = map_.place(stripe * stripe_bursts_);
    return {place.bank, place.row};
  }
  [[nodiscard]] int banks() const { return dram_.ranks * dram_.banks_per_rank(); }
  // In cycles; interval 0: none.
  struct Refresh {
    double interval = 0.0, length = 0.0;
    double data = 0.0;    // from a column command to its last data: what no refresh holds up
    double reopen = 0.0;  // a row that was open before
  };
  [[nodiscard]] const Refresh& refresh() const { return refresh_; }
  [[nodiscard]] std::size_t size() const { return found_.size(); }

 private:
  struct Key {
    std::int64_t place, runs, run_bytes, stride;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  struct Shape {
    bool write;
    std::int64_t place, runs, run_bytes, stride;
  };
  [[nodiscard]] TransferRate rate_of(const Shape& shape);
  [[nodiscard]] TransferRate measure(const Shape& shape);
  struct Measured {
    double cycles = 0.0, activates = 0.0;
  };
  enum class Before : std::uint8_t { kNothing, kOther, kOwn };
  [[nodiscard]] Measured measure(const Shape& shape, Found found, Before before,
                                 double refresh_at = 0.0);
  // A memory whose banks are all open, at rows that no transfer here uses; the first access comes
  // in cycle `phase`.
  [[nodiscard]] DmaPort open_banks(const Dram& dram, bool write, int phase) const;
  [[nodiscard]] std::int64_t bursts_of(const Shape& shape) const;

  Dram dram_;
  std::int64_t cycle_hz_;
  AddressMap map_;
  int in_flight_;
  std::int64_t stripe_bursts_ = 1, stripe_bytes_ = 1;
  std::int64_t stripes_ = 1;  // until the banks repeat, in another row
  double bytes_per_cycle_, precharge_cycles_;
  Refresh refresh_;
  static constexpr int kClockPhases = 4;  // of the two clocks that are tried for short transfers
  std::array<std::array<std::optional<DmaPort>, kClockPhases>, 2> opened_;  // by write and phase
  std::unordered_map<Key, TransferRate, Hash> found_;
};

}  // namespace octet::sim

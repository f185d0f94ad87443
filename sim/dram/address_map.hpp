#pragma once
#include <cstdint>
#include <vector>

#include "sim/config/dram.hpp"

namespace octet::sim {

// Where a burst lies. Banks are numbered through a channel: (rank x groups + group) x banks + bank.
struct DramPlace {
  int channel = 0;
  int bank = 0;
  std::int64_t row = 0;
  std::int64_t column = 0;  // in bursts
};

// Splits a burst's number (address / burst bytes) into the mapping's fields. The highest field that
// is a row has no end; elsewhere addresses wrap.
class AddressMap {
 public:
  explicit AddressMap(const Dram& dram);
  [[nodiscard]] DramPlace place(std::int64_t burst) const;
  // A stripe: `repeats` passes of `period` bursts each. Every pass visits the same banks in the
  // same order, all in one row of each. period 0: the mapping has none.
  [[nodiscard]] std::int64_t period() const { return period_; }
  [[nodiscard]] std::int64_t repeats() const { return repeats_; }

 private:
  struct Part {
    DramField field;
    std::int64_t size;
    int shift;    // log2 of size, or -1
    int to_left;  // where a column's bits go
  };
  void find_stripe();
  std::vector<Part> parts_;  // from the lowest; without those of size 1
  int groups_, banks_;
  bool bank_xor_;
  std::int64_t period_ = 0, repeats_ = 0;
};

}  // namespace octet::sim

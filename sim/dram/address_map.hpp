#pragma once
#include <array>
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
  [[nodiscard]] DramPlace place(std::int64_t burst) const {
    const auto b = static_cast<std::uint64_t>(burst);
    if (!sliced_) return general_place(b);
    const auto field = [&](DramField f) { return slices_[static_cast<std::size_t>(f)].of(b); };
    const std::int64_t group = field(DramField::kRank) * groups_ + field(DramField::kBankGroup);
    return {static_cast<int>(field(DramField::kChannel)),
            static_cast<int>(group * banks_ + field(DramField::kBank)), field(DramField::kRow),
            field(DramField::kColumn)};
  }
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
  void make_slices();
  [[nodiscard]] DramPlace general_place(std::uint64_t burst) const;
  std::vector<Part> parts_;  // from the lowest; without those of size 1
  int groups_, banks_;
  bool bank_xor_;
  std::int64_t period_ = 0, repeats_ = 0;
  // Where every size is a power of two and no column is looked at: shifts and masks, by field.
  struct Slice {
    int shift = 0;
    std::uint64_t mask = 0;
    [[nodiscard]] std::int64_t of(std::uint64_t burst) const {
      return static_cast<std::int64_t>((burst >> shift) & mask);
    }
  };
  bool sliced_ = false;
  std::array<Slice, 6> slices_{};
};

}  // namespace octet::sim

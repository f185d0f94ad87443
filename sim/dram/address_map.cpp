#include "sim/dram/address_map.hpp"

#include <algorithm>
#include <bit>

namespace octet::sim {
namespace {

int log2_of(std::int64_t size) {
  const auto bits = static_cast<std::uint64_t>(size);
  return std::has_single_bit(bits) ? std::countr_zero(bits) : -1;
}

}  // namespace

AddressMap::AddressMap(const Dram& dram)
    : groups_(dram.bank_groups), banks_(dram.banks), bank_xor_(dram.mapping.bank_xor) {
  int column_bits = log2_of(dram.row_bytes / dram.burst_bytes);
  for (const DramFieldBits& f : dram.mapping.fields) column_bits -= std::max(f.bits, 0);
  int column_at = 0;
  for (auto f = dram.mapping.fields.rbegin(); f != dram.mapping.fields.rend(); ++f) {
    std::int64_t size = 1;
    int to_left = 0;
    switch (f->field) {
      case DramField::kRow:
        size = dram.rows;
        break;
      case DramField::kRank:
        size = dram.ranks;
        break;
      case DramField::kBankGroup:
        size = dram.bank_groups;
        break;
      case DramField::kBank:
        size = dram.banks;
        break;
      case DramField::kChannel:
        size = dram.channels;
        break;
      case DramField::kColumn: {
        const int bits = f->bits >= 0 ? f->bits : std::max(column_bits, 0);
        size = std::int64_t{1} << bits;
        to_left = column_at;
        column_at += bits;
        break;
      }
    }
    if (size > 1) parts_.push_back({f->field, size, log2_of(size), to_left});
  }
  if (!parts_.empty() && parts_.back().field == DramField::kRow) {
    parts_.back().size = std::int64_t{1} << 62;
    parts_.back().shift = 62;
  }
  find_stripe();
  make_slices();
}

void AddressMap::make_slices() {
  int at = 0;
  int columns = 0;
  for (const Part& part : parts_) {
    if (part.shift < 0) return;
    if (part.field == DramField::kColumn) ++columns;
    slices_[static_cast<std::size_t>(part.field)] = {at, (std::uint64_t{1} << part.shift) - 1};
    at += part.shift;
  }
  sliced_ = columns <= 1 && !bank_xor_ && at < 128;
}

void AddressMap::find_stripe() {
  std::size_t top = parts_.size();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].field == DramField::kColumn) top = i;
  }
  if (top == parts_.size() || bank_xor_) return;
  std::int64_t period = 1;
  for (std::size_t i = 0; i < top; ++i) {
    if (parts_[i].field == DramField::kRow) return;
    period *= parts_[i].size;
  }
  period_ = period;
  repeats_ = parts_[top].size;
}

DramPlace AddressMap::general_place(std::uint64_t burst) const {
  DramPlace place;
  int rank = 0, group = 0, bank = 0;
  std::uint64_t rest = burst;
  for (const Part& part : parts_) {
    std::int64_t value = 0;
    if (part.shift >= 0) {
      value = static_cast<std::int64_t>(rest & ((std::uint64_t{1} << part.shift) - 1));
      rest >>= part.shift;
    } else {
      value = static_cast<std::int64_t>(rest % static_cast<std::uint64_t>(part.size));
      rest /= static_cast<std::uint64_t>(part.size);
    }
    switch (part.field) {
      case DramField::kRow:
        place.row = value;
        break;
      case DramField::kRank:
        rank = static_cast<int>(value);
        break;
      case DramField::kBankGroup:
        group = static_cast<int>(value);
        break;
      case DramField::kBank:
        bank = static_cast<int>(value);
        break;
      case DramField::kChannel:
        place.channel = static_cast<int>(value);
        break;
      case DramField::kColumn:
        place.column |= value << part.to_left;
        break;
    }
  }
  if (bank_xor_) {
    const auto column = static_cast<int>(place.column);
    group ^= column & (groups_ - 1);
    bank ^= (column >> log2_of(groups_)) & (banks_ - 1);
  }
  place.bank = (rank * groups_ + group) * banks_ + bank;
  return place;
}

}  // namespace octet::sim

#include <algorithm>
#include <array>
#include <cctype>

#include "sim/config/dram_kinds.hpp"

namespace octet::sim {
namespace {

struct Name {
  const char* name;
  DramField field;
};
constexpr std::array<Name, 6> kNames{{{"ro", DramField::kRow},
                                      {"ra", DramField::kRank},
                                      {"bg", DramField::kBankGroup},
                                      {"ba", DramField::kBank},
                                      {"co", DramField::kColumn},
                                      {"ch", DramField::kChannel}}};
constexpr const char* kExpected =
    "ro, ba, co and where there are several ra, bg, ch, from the highest to the lowest, such as "
    "ro-ra-ba-co-bg-ch; co may be split (co2)";

}  // namespace

std::string parse_mapping(const std::string& text, Dram& dram) {
  DramMapping result;
  result.text = text;
  std::size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '-' || c == ':') {
      ++i;
      continue;
    }
    if (c == '^' && i + 1 == text.size()) {
      result.bank_xor = true;
      break;
    }
    std::string two = text.substr(i, 2);
    for (char& letter : two) letter = static_cast<char>(std::tolower(letter));
    const auto* const name = std::find_if(kNames.begin(), kNames.end(),
                                          [&](const Name& known) { return two == known.name; });
    if (name == kNames.end()) return kExpected;
    i += 2;
    DramFieldBits field{name->field, -1};
    if (i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0) {
      if (field.field != DramField::kColumn) return kExpected;
      field.bits = text[i++] - '0';
    }
    result.fields.push_back(field);
  }
  const auto count = [&](DramField field, bool split) {
    return std::count_if(result.fields.begin(), result.fields.end(), [&](const DramFieldBits& f) {
      return f.field == field && (f.bits >= 0) == split;
    });
  };
  for (const Name& name : kNames) {
    if (count(name.field, false) > 1) return kExpected;
  }
  if (count(DramField::kRow, false) != 1 || count(DramField::kBank, false) != 1 ||
      count(DramField::kColumn, false) != 1) {
    return kExpected;
  }
  // Without a field of its own: bank groups just below the banks, ranks below the row, channels
  // at the bottom. They have no bits where there is one of them.
  const auto add = [&](DramField field, auto place) {
    if (count(field, false) == 0) result.fields.insert(place, {field, -1});
  };
  const auto at = [&](DramField field) {
    return std::find_if(result.fields.begin(), result.fields.end(),
                        [&](const DramFieldBits& f) { return f.field == field; });
  };
  add(DramField::kBankGroup, at(DramField::kBank) + 1);
  add(DramField::kRank, at(DramField::kRow) + 1);
  add(DramField::kChannel, result.fields.end());
  int split = 0;
  for (const DramFieldBits& f : result.fields) split += std::max(f.bits, 0);
  if (std::int64_t{1} << split > dram.row_bytes / dram.burst_bytes) {
    return "split columns of no more than the " +
           std::to_string(dram.row_bytes / dram.burst_bytes) + " bursts of a row";
  }
  dram.mapping = result;
  return "";
}

RowStretch row_stretch(const Dram& dram) {
  std::int64_t split = 1;  // by the columns' low bits
  for (const DramFieldBits& f : dram.mapping.fields) split <<= std::max(f.bits, 0);
  RowStretch stretch{dram.burst_bytes, 1};
  std::int64_t bytes = dram.burst_bytes, banks = 1;
  for (auto f = dram.mapping.fields.rbegin(); f != dram.mapping.fields.rend(); ++f) {
    if (f->field == DramField::kRow) break;
    if (f->field == DramField::kColumn) {
      bytes *=
          f->bits >= 0 ? std::int64_t{1} << f->bits : dram.row_bytes / dram.burst_bytes / split;
      stretch = {bytes, banks};  // up to the highest column
      continue;
    }
    const int size = f->field == DramField::kRank        ? dram.ranks
                     : f->field == DramField::kBankGroup ? dram.bank_groups
                     : f->field == DramField::kBank      ? dram.banks
                                                         : dram.channels;
    bytes *= size;
    banks *= size;
  }
  return stretch;
}

}  // namespace octet::sim

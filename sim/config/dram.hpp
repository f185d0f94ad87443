#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace octet::sim {

enum class DramPage { kOpen, kClosed };
enum class DramScheduler { kInOrder, kFrFcfs };

// Times of one channel, in its clocks. docs/timing.md says which command each one keeps apart.
struct DramTimes {
  int cl = 0, cwl = 0;             // column command to the first data
  int rcd_rd = 0, rcd_wr = 0;      // activate to read, to write
  int rp = 0, ras = 0, rc = 0;     // precharge to activate, activate to precharge, to activate
  int ccd_s = 0, ccd_l = 0;        // column to column: other bank group, same bank group
  int rrd_s = 0, rrd_l = 0;        // activate to activate, the same way
  int faw = 0;                     // no five activates within it
  int wtr_s = 0, wtr_l = 0;        // end of written data to read
  int wr = 0, rtp = 0;             // end of written data to precharge; read to precharge
  int rtrs = 0;                    // idle bus between ranks, and from reads to writes
  std::int64_t refi = 0, rfc = 0;  // between refreshes, of one; 0: none
  bool operator==(const DramTimes&) const = default;
};

// The address's fields, as the mapping names them.
enum class DramField { kRow, kRank, kBankGroup, kBank, kColumn, kChannel };
struct DramFieldBits {
  DramField field = DramField::kRow;
  int bits = -1;  // of a column field that was split; -1: all that is left
  bool operator==(const DramFieldBits&) const = default;
};
// From the highest field to the lowest. `bank_xor`: bank and bank group are exclusive-ored with
// the column's low bits (permutation-based interleaving).
struct DramMapping {
  std::string text;
  std::vector<DramFieldBits> fields;
  bool bank_xor = false;
  bool operator==(const DramMapping&) const = default;
};

// The kinds that energy tables price.
inline constexpr std::array kPricedDrams{"DDR4", "LPDDR4", "HBM2", "GDDR6"};

// Memory as the machine sees it: `channels` alike, each with its own buses.
struct Dram {
  std::string kind;
  std::string prices;    // the priced kind whose energy holds; or empty:
  std::string unpriced;  // the error that says so
  std::int64_t clock_hz = 0;
  int channels = 1;
  int ranks = 1;        // of one channel
  int bank_groups = 1;  // of one rank
  int banks = 1;        // of one bank group
  std::int64_t rows = 0;
  std::int64_t row_bytes = 0;    // of one bank, one channel
  std::int64_t burst_bytes = 0;  // of one channel
  int burst_clocks = 0;          // that a burst keeps the data bus
  DramTimes t;
  DramMapping mapping;
  DramPage page = DramPage::kOpen;
  DramScheduler scheduler = DramScheduler::kInOrder;
  int queue = 32;      // requests that a channel's controller holds, of each direction
  int bank_queue = 8;  // commands that wait at each bank (FR-FCFS); 0: one queue for all banks
  [[nodiscard]] int banks_per_rank() const { return bank_groups * banks; }
  [[nodiscard]] std::int64_t capacity_bytes() const {
    return rows * row_bytes * banks_per_rank() * ranks * channels;
  }
  // One burst of every channel: the grain at which all channels work alike.
  [[nodiscard]] std::int64_t line_bytes() const { return burst_bytes * channels; }
  [[nodiscard]] double peak_bytes_per_second() const {
    return static_cast<double>(line_bytes()) / burst_clocks * static_cast<double>(clock_hz);
  }
  bool operator==(const Dram&) const = default;
};

// Pages stay open and requests are served in their order.
[[nodiscard]] inline bool plain_memory(const Dram& dram) {
  return dram.page == DramPage::kOpen && dram.scheduler == DramScheduler::kInOrder;
}

// A stretch of addresses that needs one row of each bank that it lies in, whatever its order
// inside; the next stretch needs other rows.
struct RowStretch {
  std::int64_t bytes = 0;
  std::int64_t banks = 0;  // of all channels
};
[[nodiscard]] RowStretch row_stretch(const Dram& dram);

}  // namespace octet::sim

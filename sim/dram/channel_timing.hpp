#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "sim/config/dram.hpp"

namespace octet::sim {

// A clock of the DRAM.
using DramClock = std::int64_t;

// What the devices of one channel allow: for every command the first clock at which it is legal,
// and what each issued command makes illegal for how long. It knows no requests and no order;
// the controllers ask and issue. docs/timing.md has the rules.
class ChannelTiming {
 public:
  explicit ChannelTiming(const Dram& dram)
      : t_(dram.t),
        burst_(dram.burst_clocks),
        banks_per_rank_(dram.banks_per_rank()),
        rank_shift_(std::countr_zero(static_cast<unsigned>(dram.banks_per_rank()))),
        group_shift_(std::countr_zero(static_cast<unsigned>(dram.banks))),
        banks_(static_cast<std::size_t>(dram.ranks * banks_per_rank_)),
        groups_(static_cast<std::size_t>(dram.ranks * dram.bank_groups)),
        ranks_(static_cast<std::size_t>(dram.ranks)) {
    t_.ccd_s = std::max(t_.ccd_s, burst_);
    t_.ccd_l = std::max(t_.ccd_l, burst_);
    if (dram.bank_groups == 1) {  // no groups: the short times hold
      t_.ccd_l = t_.ccd_s;
      t_.rrd_l = t_.rrd_s;
      t_.wtr_l = t_.wtr_s;
    }
    read_to_write_ = std::max(1, t_.cl + burst_ + t_.rtrs - t_.cwl);
    write_to_read_other_rank_ = std::max(1, t_.cwl + burst_ + t_.rtrs - t_.cl);
    for (int r = 0; r < dram.ranks; ++r) {  // staggered: one rank after the other
      ranks_[static_cast<std::size_t>(r)].due = t_.refi * (r + 1) / dram.ranks;
    }
  }

  [[nodiscard]] std::int64_t open_row(int bank) const { return at(bank).row; }
  [[nodiscard]] int rank_of(int bank) const { return bank >> rank_shift_; }

  [[nodiscard]] DramClock earliest_activate(int bank) const {
    const Rank& rank = rank_at(bank);
    return std::max({at(bank).activate, group_at(bank).activate, rank.activate, rank.window[0]});
  }
  [[nodiscard]] DramClock earliest_precharge(int bank) const { return at(bank).precharge; }
  // Of an open row.
  [[nodiscard]] DramClock earliest_column(int bank, bool write) const {
    const auto w = static_cast<std::size_t>(write);
    return std::max({at(bank).column[w], group_at(bank).column[w], rank_at(bank).column[w]});
  }

  void activate(int bank, std::int64_t row, DramClock clock) {
    Bank& b = banks_[static_cast<std::size_t>(bank)];
    b.row = row;
    b.column = {clock + t_.rcd_rd, clock + t_.rcd_wr};
    b.precharge = std::max(b.precharge, clock + t_.ras);
    b.activate = clock + t_.rc;
    groups_[group_of(bank)].activate = clock + t_.rrd_l;
    Rank& rank = ranks_[static_cast<std::size_t>(rank_of(bank))];
    rank.activate = clock + t_.rrd_s;
    rank.window = {rank.window[1], rank.window[2], rank.window[3], clock + t_.faw};
  }
  void precharge(int bank, DramClock clock) {
    Bank& b = banks_[static_cast<std::size_t>(bank)];
    b.row = -1;
    b.activate = std::max(b.activate, clock + t_.rp);
  }
  // Returns the clock after the last data on the bus.
  DramClock column(int bank, bool write, DramClock clock) {
    Bank& b = banks_[static_cast<std::size_t>(bank)];
    Group& group = groups_[group_of(bank)];
    const int r = rank_of(bank);
    Rank& rank = ranks_[static_cast<std::size_t>(r)];
    if (write) {
      const DramClock written = clock + t_.cwl + burst_;
      rank.column = {written + t_.wtr_s, clock + t_.ccd_s};
      group.column = {written + t_.wtr_l, clock + t_.ccd_l};
      b.precharge = std::max(b.precharge, written + t_.wr);
    } else {
      rank.column = {clock + t_.ccd_s, clock + read_to_write_};
      group.column = {clock + t_.ccd_l, clock + read_to_write_};
      b.precharge = std::max(b.precharge, clock + t_.rtp);
    }
    if (ranks_.size() > 1) other_ranks(r, write, clock);
    return clock + (write ? t_.cwl : t_.cl) + burst_;
  }
  // The column command carried the order to precharge its row when that becomes legal.
  void auto_precharge(int bank) { precharge(bank, at(bank).precharge); }

  // Refresh of a rank, as one procedure: due, all its banks precharged as soon as legal, refreshed.
  [[nodiscard]] DramClock refresh_due(int rank) const {
    return ranks_[static_cast<std::size_t>(rank)].due;
  }
  // Returns how many banks were precharged. `clock` >= due.
  int refresh(int rank, DramClock clock) {
    const auto first = static_cast<std::size_t>(rank * banks_per_rank_);
    const std::size_t last = first + static_cast<std::size_t>(banks_per_rank_);
    int open = 0;
    DramClock all = clock;  // one command precharges all banks
    for (std::size_t b = first; b < last; ++b) {
      if (banks_[b].row >= 0) {
        ++open;
        all = std::max(all, banks_[b].precharge);
      }
    }
    DramClock start = clock;
    for (std::size_t b = first; b < last; ++b) {
      if (banks_[b].row >= 0) precharge(static_cast<int>(b), all);
      start = std::max(start, banks_[b].activate);
    }
    for (std::size_t b = first; b < last; ++b) banks_[b].activate = start + t_.rfc;
    ranks_[static_cast<std::size_t>(rank)].due += t_.refi;
    return open;
  }
  // Refreshes of closed, idle banks that ended by `clock`, in one go; returns how many.
  std::int64_t idle_refreshes(int rank, DramClock clock) {
    Rank& r = ranks_[static_cast<std::size_t>(rank)];
    if (r.due + t_.rfc > clock) return 0;
    const std::int64_t n = (clock - t_.rfc - r.due) / t_.refi + 1;
    r.due += n * t_.refi;
    return n;
  }

  // Times before `clock`, after which alone commands will come, are all the same.
  void forget_before(DramClock clock) {
    for (Bank& b : banks_) {
      b.activate = std::max(b.activate, clock);
      b.precharge = std::max(b.precharge, clock);
      for (DramClock& c : b.column) c = std::max(c, clock);
    }
    for (Group& g : groups_) {
      g.activate = std::max(g.activate, clock);
      for (DramClock& c : g.column) c = std::max(c, clock);
    }
    for (Rank& r : ranks_) {
      r.activate = std::max(r.activate, clock);
      for (DramClock& c : r.column) c = std::max(c, clock);
      for (DramClock& c : r.window) c = std::max(c, clock);
    }
  }
  bool operator==(const ChannelTiming& other) const {
    return banks_ == other.banks_ && groups_ == other.groups_ && ranks_ == other.ranks_;
  }

 private:
  using Pair = std::array<DramClock, 2>;  // of a read, of a write
  struct Bank {
    std::int64_t row = -1;  // open row, or -1
    DramClock activate = 0, precharge = 0;
    Pair column{};
    bool operator==(const Bank&) const = default;
  };
  struct Group {
    DramClock activate = 0;
    Pair column{};
    bool operator==(const Group&) const = default;
  };
  struct Rank {
    DramClock activate = 0, due = 0;
    Pair column{};
    std::array<DramClock, 4> window{};  // of the last four activates, oldest first, + tFAW
    bool operator==(const Rank&) const = default;
  };
  [[nodiscard]] const Bank& at(int bank) const { return banks_[static_cast<std::size_t>(bank)]; }
  [[nodiscard]] std::size_t group_of(int bank) const {
    return static_cast<std::size_t>(bank >> group_shift_);
  }
  [[nodiscard]] const Group& group_at(int bank) const { return groups_[group_of(bank)]; }
  [[nodiscard]] const Rank& rank_at(int bank) const {
    return ranks_[static_cast<std::size_t>(rank_of(bank))];
  }
  void other_ranks(int rank, bool write, DramClock clock) {
    const DramClock same = clock + burst_ + t_.rtrs;
    const Pair until =
        write ? Pair{clock + write_to_read_other_rank_, same} : Pair{same, clock + read_to_write_};
    for (std::size_t r = 0; r < ranks_.size(); ++r) {
      if (static_cast<int>(r) == rank) continue;
      ranks_[r].column[0] = std::max(ranks_[r].column[0], until[0]);
      ranks_[r].column[1] = std::max(ranks_[r].column[1], until[1]);
    }
  }

  DramTimes t_;
  int burst_, banks_per_rank_, rank_shift_, group_shift_;
  int read_to_write_ = 0, write_to_read_other_rank_ = 0;
  std::vector<Bank> banks_;
  std::vector<Group> groups_;
  std::vector<Rank> ranks_;
};

}  // namespace octet::sim

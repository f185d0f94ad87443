#include "sim/dram/dram_system.hpp"

#include <algorithm>
#include <bit>

namespace octet::sim {
namespace {

constexpr std::int64_t kFewLines =
    16;  // below it, looking for equal channels costs more than it saves

}  // namespace

DramSystem::DramSystem(const Dram& dram, bool every_burst)
    : dram_(dram),
      every_burst_(every_burst),
      burst_shift_(std::countr_zero(static_cast<std::uint64_t>(dram.burst_bytes))),
      map_(dram),
      channels_(static_cast<std::size_t>(dram.channels), InOrderChannel(dram)),
      passes_(static_cast<std::size_t>(dram.channels)) {
  if (dram.scheduler == DramScheduler::kFrFcfs) {
    reordering_.emplace(dram);
    return;
  }
  find_visits();
  starts_.resize(channels_.size(), {0, channels_[0].timing(), {}});
  const auto& lowest = dram.mapping.fields.back();
  channels_lowest_ = map_.period() > 0 && dram.channels > 1 && lowest.field == DramField::kChannel;
}

void DramSystem::find_visits() {
  std::size_t most = 0;
  for (std::int64_t at = 0; at < map_.period(); ++at) {
    const DramPlace place = map_.place(at);
    auto& visits = passes_[static_cast<std::size_t>(place.channel)].visits;
    visits.push_back({at, place.bank});
    most = std::max(most, visits.size());
  }
  columns_.resize(most);
  columns_before_.resize(most);
  // In one rank, each bank group once and often enough apart: only tCCD_S holds open rows.
  const int s = std::max(dram_.t.ccd_s, dram_.burst_clocks);
  const int l = dram_.bank_groups > 1 ? std::max(dram_.t.ccd_l, dram_.burst_clocks) : s;
  for (Pass& pass : passes_) {
    std::vector<int> groups;
    bool one_rank = true;
    for (const Visit& visit : pass.visits) {
      groups.push_back(visit.bank / dram_.banks);
      one_rank = one_rank && visit.bank / dram_.banks_per_rank() ==
                                 pass.visits.front().bank / dram_.banks_per_rank();
    }
    std::sort(groups.begin(), groups.end());
    const bool once = std::adjacent_find(groups.begin(), groups.end()) == groups.end();
    const auto m = static_cast<int>(pass.visits.size());
    if (dram_.page == DramPage::kClosed || m == 0) continue;
    if (m == 1) {
      pass.cadence = l;
    } else if (one_rank && once && m * s >= l) {
      pass.cadence = s;
    }
  }
}

DramClock DramSystem::single(std::int64_t burst, bool write) {
  const DramPlace place = map_.place(burst);
  InOrderChannel& channel = channels_[static_cast<std::size_t>(place.channel)];
  channel.refresh_until(arrival_);
  return channel.serve(place.bank, place.row, write, arrival_).done;
}

// The part of a stripe that lies in one channel. Passes in which every column comes the same time
// after that of the pass before go on like this, since nothing but the columns of the pass before
// determines those of the next; so they are skipped up to the next refresh.
DramClock DramSystem::channel_stripe(InOrderChannel& channel, std::size_t number,
                                     std::int64_t first, std::int64_t last, const DramPlace& base,
                                     bool write) {
  const auto& visits = passes_[number].visits;
  const std::size_t m = visits.size();
  const std::int64_t period = map_.period();
  const std::int64_t offset = first % period;
  const std::int64_t passes = (last - first) / period;
  const std::int64_t tail = (last - first) % period;
  std::size_t start = 0;
  while (start < m && visits[start].at < offset) ++start;
  const auto visit = [&](std::size_t i) -> const Visit& {
    const std::size_t k = start + i;
    return visits[k < m ? k : k - m];
  };
  DramClock done = 0;
  bool before = false;
  const DramClock cadence = passes_[number].cadence;
  for (std::int64_t pass = 0; pass < passes; before = true) {
    bool steady = before && cadence == 0;
    DramClock due = 0;
    for (std::size_t i = 0; i < m; ++i) {
      const auto served = channel.serve(base.bank + visit(i).bank, base.row, write, arrival_);
      columns_[i] = served.column;
      done = std::max(done, served.done);
      if (i == 0) due = channel.limit(base.bank + visit(0).bank);
      steady = steady && served.hit &&
               served.column - columns_before_[i] == columns_[0] - columns_before_[0];
    }
    ++pass;
    if (cadence > 0 && pass < passes && due == channel.limit(base.bank + visit(0).bank)) {
      // No refresh since the first of them: all rows are open, and whenever they were opened, the
      // columns to come follow the last at once.
      const DramClock last_column = columns_[m - 1];
      const DramClock length = cadence * static_cast<DramClock>(m);
      const std::int64_t n = std::min(passes - pass, (due - 1 - last_column) / length);
      if (n > 0) {
        DramClock column = last_column + (n - 1) * length;
        for (std::size_t i = 0; i < m; ++i) {
          column += cadence;
          done = std::max(done, channel.repeat(base.bank + visit(i).bank, write, column));
        }
        channel.skip_hits(n * static_cast<std::int64_t>(m), write);
        pass += n;
      }
    }
    if (steady) {
      const DramClock shift = columns_[0] - columns_before_[0];
      std::int64_t n = passes - pass;
      for (std::size_t i = 0; i < m; ++i) {
        n = std::min(n, (channel.limit(base.bank + visit(i).bank) - 1 - columns_[i]) / shift);
      }
      if (n > 0) {
        for (std::size_t i = 0; i < m; ++i) {
          columns_[i] += n * shift;
          done = std::max(done, channel.repeat(base.bank + visit(i).bank, write, columns_[i]));
        }
        channel.skip_hits(n * static_cast<std::int64_t>(m), write);
        pass += n;
      }
    }
    std::swap(columns_, columns_before_);
  }
  for (std::size_t i = 0; i < m; ++i) {
    std::int64_t at = visit(i).at - offset;
    if (at < 0) at += period;
    if (at >= tail) break;
    done = std::max(done, channel.serve(base.bank + visit(i).bank, base.row, write, arrival_).done);
  }
  return done;
}

DramClock DramSystem::in_stripe(std::int64_t first, std::int64_t last, bool write) {
  const std::int64_t stripe = map_.period() * map_.repeats();
  const DramPlace base = map_.place(first - first % stripe);
  DramClock done = 0;
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    if (passes_[c].visits.empty()) continue;
    InOrderChannel& channel = channels_[c + static_cast<std::size_t>(base.channel)];
    channel.refresh_until(arrival_);
    done = std::max(done, channel_stripe(channel, c, first, last, base, write));
  }
  return done;
}

// A run of whole lines. Channels that start equal end equal: one of each sort is worked out.
DramClock DramSystem::whole_lines(std::int64_t first, std::int64_t last, bool write) {
  const std::int64_t stripe = map_.period() * map_.repeats();
  DramClock done = 0;
  for (InOrderChannel& channel : channels_) channel.settle(arrival_);
  stripes_.clear();
  for (std::int64_t at = first - first % stripe; at < last; at += stripe) {
    stripes_.push_back(map_.place(at));
  }
  std::size_t sorts = 0;
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    InOrderChannel& channel = channels_[c];
    const auto equal =
        std::find_if(starts_.begin(), starts_.begin() + static_cast<std::ptrdiff_t>(sorts),
                     [&](const Start& start) { return start.timing == channel.timing(); });
    if (equal != starts_.begin() + static_cast<std::ptrdiff_t>(sorts)) {
      channel.follow(channels_[equal->channel], equal->counters);
      continue;
    }
    Start& start = starts_[sorts++];
    start.channel = c;
    start.timing = channel.timing();
    start.counters = channel.counters();
    std::int64_t at = first;
    for (const DramPlace& base : stripes_) {
      const std::int64_t end = std::min(last, (at / stripe + 1) * stripe);
      done = std::max(done, channel_stripe(channel, c, at, end, base, write));
      at = end;
    }
  }
  return done;
}

DramClock DramSystem::access(std::int64_t address, std::int64_t bytes, bool write,
                             DramClock clock) {
  arrival_ = std::max(arrival_, clock);
  std::int64_t first = address >> burst_shift_;
  const std::int64_t last = end_burst(address, bytes);
  if (first >= last) return arrival_;
  DramClock done = arrival_;
  if (reordering_)
    return reordering_->run(first, last, write, arrival_) + 1;  // the other is inside
  const std::int64_t period = map_.period();
  const auto singles = [&](std::int64_t until) {
    for (; first < until; ++first) done = std::max(done, single(first, write));
  };
  if (every_burst_) {
    singles(last);
    return done + kControllerClocks;
  }
  if (channels_lowest_ && last - first > (kFewLines + 2) * dram_.channels) {
    const std::int64_t lines = dram_.channels;
    singles((first + lines - 1) / lines * lines);
    const std::int64_t end = last / lines * lines;
    done = std::max(done, whole_lines(first, end, write));
    first = end;
    singles(last);
    return done + kControllerClocks;
  }
  while (period > 0 && first < last) {
    const std::int64_t stripe = period * map_.repeats();
    const std::int64_t end = std::min(last, (first / stripe + 1) * stripe);
    if (end - first < 3 * period) {
      singles(end);
    } else {
      done = std::max(done, in_stripe(first, end, write));
      first = end;
    }
  }
  singles(last);
  return done + kControllerClocks;
}

void DramSystem::finish(DramClock clock) {
  if (reordering_) return;
  for (InOrderChannel& channel : channels_) channel.refresh_until(clock);
}

DramCounters DramSystem::counters() const {
  if (reordering_) return reordering_->counters();
  DramCounters sum;
  for (const InOrderChannel& channel : channels_) sum += channel.counters();
  return sum;
}

double DramSystem::busy_clocks() const {
  const DramCounters sum = counters();
  return static_cast<double>((sum.reads + sum.writes) * dram_.burst_clocks) / dram_.channels;
}

}  // namespace octet::sim

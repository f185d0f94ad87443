#include "sim/dram/measure.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "sim/dram/dram_system.hpp"
#include "sim/dram/fr_fcfs_system.hpp"

namespace octet::sim {
namespace {

double per_second(std::int64_t bytes, DramClock clocks, const Dram& dram) {
  return clocks > 0 ? static_cast<double>(bytes) / static_cast<double>(clocks) *
                          static_cast<double>(dram.clock_hz)
                    : 0.0;
}

// Latencies count the controller's clock on the way out.
DramMeasure measure_reordering(const Dram& dram, const DramLoad& load, std::int64_t requests) {
  FrFcfsSystem system(dram);
  const std::int64_t skipped = requests / 10;
  DramClock start = 0, end = 0;
  for (std::int64_t i = 0; i < requests; ++i) {
    const auto request = load.at(i, dram);
    end = system.push(request.burst, request.write, end);
    if (i == skipped) start = end;
  }
  DramMeasure m;
  m.requests = requests;
  m.bytes_per_second = per_second((requests - 1 - skipped) * dram.burst_bytes, end - start, dram);
  m.clocks = system.drain() + 1;
  m.counters = system.counters();
  DramClock sum = 0;
  for (const FrFcfsChannel& channel : system.channels()) {
    sum += channel.latency_sum();
    m.max_latency = std::max(m.max_latency, channel.latency_max() + 1);
  }
  m.mean_latency = static_cast<double>(sum) / static_cast<double>(requests) + 1.0;
  return m;
}

// `queue` requests of a channel are in hand; one leaves with its column command.
DramMeasure measure_in_order(const Dram& dram, const DramLoad& load, std::int64_t requests) {
  const AddressMap map(dram);
  std::vector<InOrderChannel> channels(static_cast<std::size_t>(dram.channels),
                                       InOrderChannel(dram));
  const auto queue = static_cast<std::size_t>(dram.queue);
  std::vector<std::vector<DramClock>> columns(channels.size(), std::vector<DramClock>(queue));
  std::vector<std::size_t> next(channels.size());
  const std::int64_t skipped = requests / 10;
  DramClock clock = 0, start = 0, last = 0, sum = 0;
  DramMeasure m;
  m.requests = requests;
  for (std::int64_t i = 0; i < requests; ++i) {
    const auto request = load.at(i, dram);
    const DramPlace place = map.place(request.burst);
    const auto c = static_cast<std::size_t>(place.channel);
    DramClock& slot = columns[c][next[c]];
    next[c] = next[c] + 1 < queue ? next[c] + 1 : 0;
    clock = std::max(clock, slot);
    if (i == skipped) start = clock;
    const auto served = channels[c].serve(place.bank, place.row, request.write, clock);
    slot = served.column;
    last = std::max(last, served.done);
    const DramClock latency = served.done + kControllerClocks - clock;
    sum += latency;
    m.max_latency = std::max(m.max_latency, latency);
  }
  m.bytes_per_second = per_second((requests - 1 - skipped) * dram.burst_bytes, clock - start, dram);
  m.clocks = last + kControllerClocks;
  m.mean_latency = static_cast<double>(sum) / static_cast<double>(requests);
  for (const InOrderChannel& channel : channels) m.counters += channel.counters();
  return m;
}

}  // namespace

IdleLatency idle_latency(const Dram& dram) {
  Dram quiet = dram;
  quiet.t.refi = quiet.t.rfc = 0;
  quiet.page = DramPage::kOpen;
  DramSystem system(quiet);
  const AddressMap map(quiet);
  const DramPlace here = map.place(0);
  std::int64_t other_row = 0;
  // Every field but the channel's has a power of two of values, so some such step stays in the bank.
  for (std::int64_t burst = dram.channels; burst < std::int64_t{1} << 50 && other_row == 0;
       burst *= 2) {
    const DramPlace there = map.place(burst);
    const bool same_bank = there.channel == here.channel && there.bank == here.bank;
    if (same_bank && there.row != here.row) other_row = burst;
  }
  const DramClock apart = 100000;  // any time after which all is quiet
  const auto latency = [&](std::int64_t burst, DramClock clock) {
    return system.access(burst * dram.burst_bytes, dram.burst_bytes, false, clock) - clock;
  };
  IdleLatency idle;
  idle.closed = latency(0, apart);
  idle.hit = latency(0, 2 * apart);
  idle.conflict = latency(other_row, 3 * apart);
  return idle;
}

DramMeasure measure(const Dram& dram, const DramLoad& load, std::int64_t requests) {
  return dram.scheduler == DramScheduler::kFrFcfs ? measure_reordering(dram, load, requests)
                                                  : measure_in_order(dram, load, requests);
}

namespace {

// Far more than a controller holds: across the border of two stretches little can be reordered.
constexpr std::int64_t kStretch = 4096;

// What each part of one channel has to do in a stretch of its requests.
struct Counts {
  explicit Counts(const Dram& dram)
      : rows(static_cast<std::size_t>(dram.ranks * dram.banks_per_rank()), -1),
        opened(rows.size()),
        columns(static_cast<std::size_t>(dram.ranks * dram.bank_groups)) {}
  std::vector<std::int64_t> rows;  // by bank: the row open last
  std::vector<std::int64_t> opened, columns;
  std::int64_t bursts = 0;
  std::array<double, 4> clocks{};
};

constexpr std::array<const char*, 4> kNeeds{"data bus", "tCCD_L", "tRC", "tFAW"};

// Adds what the stretch needs at least to `clocks`, by need, and starts the next.
void end_stretch(const Dram& dram, Counts& c) {
  const double per_activate = std::max(dram.t.faw / 4.0, static_cast<double>(dram.t.rrd_s));
  const int cadence = std::max(dram.burst_clocks, dram.ranks > 1 ? 0 : dram.t.ccd_s);
  const int ccd_l = dram.bank_groups > 1 ? dram.t.ccd_l : dram.t.ccd_s;
  double most = 0.0;
  std::size_t what = 0;
  const auto at_least = [&](double clocks, std::size_t need) {
    if (clocks > most) {
      most = clocks;
      what = need;
    }
  };
  at_least(static_cast<double>(c.bursts * cadence), 0);
  for (const std::int64_t n : c.columns) at_least(static_cast<double>(n * ccd_l), 1);
  for (const std::int64_t n : c.opened) at_least(static_cast<double>(n * dram.t.rc), 2);
  const auto per_rank = static_cast<std::size_t>(dram.banks_per_rank());
  for (std::size_t first = 0; first < c.opened.size(); first += per_rank) {
    std::int64_t opened = 0;
    for (std::size_t b = first; b < first + per_rank; ++b) opened += c.opened[b];
    at_least(static_cast<double>(opened) * per_activate, 3);
  }
  c.clocks[what] += most;
  std::fill(c.opened.begin(), c.opened.end(), 0);
  std::fill(c.columns.begin(), c.columns.end(), 0);
  c.bursts = 0;
}

}  // namespace

DramBound bandwidth_bound(const Dram& dram, const DramLoad& load, std::int64_t requests) {
  const AddressMap map(dram);
  std::vector<Counts> channels(static_cast<std::size_t>(dram.channels), Counts(dram));
  for (std::int64_t i = 0; i < requests; ++i) {
    const DramPlace place = map.place(load.at(i, dram).burst);
    Counts& c = channels[static_cast<std::size_t>(place.channel)];
    const auto bank = static_cast<std::size_t>(place.bank);
    ++c.columns[bank / static_cast<std::size_t>(dram.banks)];
    if (c.rows[bank] != place.row || dram.page == DramPage::kClosed) {
      c.rows[bank] = place.row;
      ++c.opened[bank];
    }
    if (++c.bursts == kStretch) end_stretch(dram, c);
  }
  // The busiest channel holds up the others.
  double most = 0.0;
  std::array<double, kNeeds.size()> clocks{};
  for (Counts& c : channels) {
    end_stretch(dram, c);
    const double sum = std::accumulate(c.clocks.begin(), c.clocks.end(), 0.0);
    if (sum > most) {
      most = sum;
      clocks = c.clocks;
    }
  }
  const double working =
      dram.t.refi > 0 ? 1.0 - static_cast<double>(dram.t.rfc) / static_cast<double>(dram.t.refi)
                      : 1.0;
  DramBound bound;
  bound.bytes_per_second = static_cast<double>(requests * dram.burst_bytes) / most *
                           static_cast<double>(dram.clock_hz) * working;
  bound.holds = kNeeds[static_cast<std::size_t>(std::max_element(clocks.begin(), clocks.end()) -
                                                clocks.begin())];
  return bound;
}

}  // namespace octet::sim

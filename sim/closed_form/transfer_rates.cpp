#include "sim/closed_form/transfer_rates.hpp"

#include <cmath>

namespace octet::sim {
namespace {

constexpr std::int64_t kIdle = 16384;      // cycles: whatever was sent before has long ended
constexpr std::int64_t kFewBursts = 64;    // below, the phase of the two clocks matters
constexpr std::int64_t kLongBursts = 512;  // above, a part is measured and the rest is in step
constexpr std::int64_t kMostRuns = 192;    // of a part
constexpr std::int64_t kFillerLines = 24;  // what keeps the memory busy

}  // namespace

std::size_t TransferRates::Hash::operator()(const Key& key) const {
  std::uint64_t h = static_cast<std::uint64_t>(key.place);
  for (const std::int64_t n : {key.runs, key.run_bytes, key.stride}) {
    h = (h ^ static_cast<std::uint64_t>(n)) * 0x9e3779b97f4a7c15U;
    h ^= h >> 29;
  }
  return h;
}

TransferRates::TransferRates(const Dram& dram, std::int64_t cycle_hz, int in_flight)
    : dram_(dram),
      cycle_hz_(cycle_hz),
      map_(dram),
      in_flight_(in_flight),
      bytes_per_cycle_(dram.peak_bytes_per_second() / static_cast<double>(cycle_hz)) {
  precharge_cycles_ =
      dram.t.rp * static_cast<double>(cycle_hz) / static_cast<double>(dram.clock_hz);
  stripe_bursts_ = map_.period() > 0 ? map_.period() * map_.repeats()
                                     : dram.row_bytes / dram.burst_bytes * dram.channels;
  stripe_bytes_ = stripe_bursts_ * dram.burst_bytes;
  const Row first = row_of(0);
  for (std::int64_t s = 1; s < 4096; ++s) {
    const Row row = row_of(s);
    if (row.bank == first.bank && row.row != first.row) {
      stripes_ = s;
      break;
    }
  }
  if (dram.t.refi > 0) {
    const double cycles = static_cast<double>(cycle_hz) / static_cast<double>(dram.clock_hz);
    refresh_ = {cycles * static_cast<double>(dram.t.refi),
                cycles * static_cast<double>(dram.t.rfc + dram.t.rp),
                cycles * static_cast<double>(dram.t.cl + dram.burst_clocks + kControllerClocks),
                cycles * static_cast<double>(dram.t.rcd_rd)};
    dram_.t.refi = 0;
  }
}

const TransferRate& TransferRates::find(bool write, std::int64_t address, std::int64_t runs,
                                        std::int64_t run_bytes, std::int64_t stride) {
  if (runs == 1) stride = 0;
  const std::int64_t place = address % dram_.line_bytes();
  const Key key{2 * place + (write ? 1 : 0), runs, run_bytes, stride};
  const auto known = found_.find(key);
  if (known != found_.end()) return known->second;
  return found_.emplace(key, rate_of({write, place, runs, run_bytes, stride})).first->second;
}

std::uint64_t TransferRates::places(std::int64_t address, std::int64_t bytes) const {
  const std::int64_t period = map_.period();
  const std::int64_t first = address / dram_.burst_bytes;
  const std::int64_t count = (address + bytes + dram_.burst_bytes - 1) / dram_.burst_bytes - first;
  if (period > 64 || count >= period) return ~0ULL;
  std::uint64_t set = 0;
  for (std::int64_t i = 0; i < count; ++i) set |= 1ULL << ((first + i) % period);
  return set;
}

std::int64_t TransferRates::bursts_of(const Shape& s) const {
  return s.runs * ((s.run_bytes + dram_.burst_bytes - 1) / dram_.burst_bytes + 1);
}

// Long transfers go on as they began: two parts are measured, and the difference repeated.
TransferRate TransferRates::rate_of(const Shape& s) {
  Shape little = s, more = s;
  double times = 0.0;
  if (s.runs > kMostRuns) {
    little.runs = kMostRuns / 2;
    more.runs = kMostRuns;
    times = static_cast<double>(s.runs - more.runs) / static_cast<double>(more.runs - little.runs);
  } else if (s.runs == 1 && bursts_of(s) > kLongBursts * dram_.channels) {
    const std::int64_t part = kLongBursts / 2 * dram_.line_bytes();
    little.run_bytes = part + s.run_bytes % part;
    more.run_bytes = little.run_bytes + part;
    times = static_cast<double>(s.run_bytes - more.run_bytes) / static_cast<double>(part);
  } else {
    return measure(s);
  }
  TransferRate rate = measure(more);
  const TransferRate less = measure(little);
  for (int f = 0; f < kFound; ++f) {
    const auto i = static_cast<std::size_t>(f);
    const double step = (rate.alone[i] - less.alone[i]) * times;
    rate.alone[i] += step;
    rate.behind[i] += step;
    rate.again[i] += step;
  }
  rate.activates += (rate.activates - less.activates) * times;
  return rate;
}

TransferRate TransferRates::measure(const Shape& s) {
  TransferRate rate;
  for (int f = 0; f < kFound; ++f) {
    const auto i = static_cast<std::size_t>(f);
    const auto found = static_cast<Found>(f);
    const Measured alone = measure(s, found, Before::kNothing);
    rate.alone[i] = alone.cycles;
    if (found == Found::kOtherRow) rate.activates = alone.activates;
    rate.behind[i] = measure(s, found, Before::kOther).cycles;
    rate.again[i] = measure(s, found, Before::kOwn).cycles;
  }
  if (refresh_.interval > 0.0) {
    const double half = rate.alone[0] / 2;
    rate.refresh =
        std::max(0.0, measure(s, Found::kOpenRow, Before::kNothing, half).cycles - rate.alone[0]);
  }
  return rate;
}

DmaPort TransferRates::open_banks(const Dram& dram, bool write, int phase) const {
  DmaPort port(dram, cycle_hz_, in_flight_);
  const std::int64_t banks = std::min(stripe_bursts_, std::max<std::int64_t>(1, map_.period()));
  for (std::int64_t i = 0; i < stripes_; ++i) {
    for (std::int64_t b = 0; b < banks; ++b)
      port.send({i * stripe_bytes_ + b * dram_.burst_bytes, 1, 1, 0, write}, phase);
  }
  return port;
}

TransferRates::Measured TransferRates::measure(const Shape& s, Found found, Before before,
                                               double refresh_at) {
  const int phases = bursts_of(s) <= kFewBursts ? kClockPhases : 1;
  Measured sum;
  for (int phase = 0; phase < phases; ++phase) {
    DmaPort port = [&] {
      if (refresh_at <= 0.0) {
        auto& opened = opened_[s.write ? 1 : 0][static_cast<std::size_t>(phase)];
        if (!opened) opened = open_banks(dram_, s.write, phase);
        return *opened;
      }
      // The first refresh comes that late after the transfer began to be sent, the next ones later
      // than it can take.
      Dram dram = dram_;
      const double first = phase + kIdle + kIdle + refresh_at;
      dram.t.refi =
          dram.ranks * static_cast<std::int64_t>(first * static_cast<double>(dram.clock_hz) /
                                                 static_cast<double>(cycle_hz_));
      return open_banks(dram, s.write, phase);
    }();
    const auto end_of = [&](const Runs& runs, std::int64_t cycle) {
      return cycle + port.send(runs, cycle).cycles;
    };
    const std::int64_t own = 8 * stripes_ * stripe_bytes_;  // row 8 of the first bank
    const Runs shape{own + s.place, s.runs, s.run_bytes, s.stride, s.write};
    std::int64_t now = phase + kIdle;
    if (found == Found::kOpenRow) {
      (void)end_of(shape, now);
      now += kIdle;
    }
    std::int64_t from = now;
    if (before != Before::kNothing) {
      // In the same bank, or in one far from it.
      const std::int64_t bank = found == Found::kBusyBank || stripes_ == 1 ? 0 : stripes_ / 2;
      const std::int64_t at = (16 * stripes_ + bank) * stripe_bytes_;
      const bool write = before == Before::kOther ? !s.write : s.write;
      from = end_of({at, 1, kFillerLines * dram_.line_bytes(), 0, write}, now);
      now = before == Before::kOther ? now + 1 : from + 1;
    }
    const DramCounters counted = port.memory().counters();
    const std::int64_t end = end_of(shape, now);
    sum.cycles += static_cast<double>(end - from);
    sum.activates += static_cast<double>(port.memory().counters().activates - counted.activates);
  }
  return {sum.cycles / phases, sum.activates / phases};
}

}  // namespace octet::sim

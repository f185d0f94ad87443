#include "sim/mapping/memory_cost.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "sim/mapping/geometry.hpp"

namespace octet::sim {
namespace {

// Patterns that are looked at for the busiest channel and bank; longer ones are taken to be even.
constexpr std::int64_t kMostRuns = 8;
constexpr std::int64_t kMostPlaces = 64;

}  // namespace

MemoryCosts::MemoryCosts(const Hardware& hw)
    : burst_(hw.dram.burst_bytes),
      rows_(row_stretch(hw.dram)),
      bandwidth_(hw.dram_bytes_per_cycle()),
      channels_(hw.dram.channels),
      higher_banks_(std::max<std::int64_t>(1, std::int64_t{hw.dram.channels} * hw.dram.ranks *
                                                  hw.dram.banks_per_rank() / rows_.banks)),
      in_flight_(hw.dma_in_flight) {
  const auto cycles = [&](double clocks) {
    return clocks * static_cast<double>(hw.clock_hz) / static_cast<double>(hw.dram.clock_hz);
  };
  latency_ = 1.0 + cycles(hw.dram.t.rcd_rd + hw.dram.t.cl + hw.dram.burst_clocks + 2);
  // A run a cycle, and no more at once than the memory holds.
  run_ = std::max(1.0, latency_ / hw.dma_in_flight);
  const auto& fields = hw.dram.mapping.fields;
  fine_ = !hw.dram.mapping.bank_xor && fields.size() > 2 &&
          fields[fields.size() - 1].field == DramField::kChannel &&
          fields[fields.size() - 2].field == DramField::kBankGroup;
  // A rank activates a row each tRRD, and four in tFAW.
  activate_ = cycles(std::max<double>(hw.dram.t.rrd_s, hw.dram.t.faw / 4.0) /
                     (hw.dram.channels * hw.dram.ranks));
  // A controller that closes its pages opens a row for each burst, and a bank's next one after tRC.
  closed_page_ = hw.dram.page == DramPage::kClosed;
  row_ = cycles(hw.dram.t.rc);
  column_ = cycles(closed_page_ ? hw.dram.t.rc : std::max(hw.dram.t.ccd_l, hw.dram.burst_clocks)) /
            static_cast<double>(rows_.banks);
  // Refreshes take their share of the time.
  if (hw.dram.t.refi > 0) {
    const double left =
        1.0 - static_cast<double>(hw.dram.t.rfc) / static_cast<double>(hw.dram.t.refi);
    bandwidth_ *= left;
    for (double* cycles_each : {&activate_, &row_, &column_}) *cycles_each /= left;
  }
}

// Strides that share a factor with the number of channels or banks leave some of them idle. Runs
// shorter than a burst apart come back to one bank at once, which a closed page makes them wait
// for.
void MemoryCosts::find_busiest(Stream& s) const {
  if (!fine_) return;
  const std::int64_t step = std::gcd(s.pitch, burst_);
  const std::int64_t runs = burst_ / step;  // until the place in a burst comes again
  const std::int64_t again = s.pitch / step;
  const std::int64_t bursts = std::max<std::int64_t>(1, ceil_div(s.run, burst_));
  const auto busiest = [&](std::int64_t places) {
    const std::int64_t common = std::gcd(again, places);
    if (common == 1 || runs > kMostRuns || common > kMostPlaces || bursts >= 4 * common) return 1.0;
    std::array<int, kMostPlaces> count{};
    int all = 0, most = 0;
    for (std::int64_t r = 0; r < runs; ++r) {
      const std::int64_t end = ceil_div(r * s.pitch + s.run, burst_);
      for (std::int64_t b = r * s.pitch / burst_; b < end; ++b, ++all)
        most = std::max(most, ++count[static_cast<std::size_t>(b % common)]);
    }
    return static_cast<double>(most) * static_cast<double>(common) / all;
  };
  s.channels = busiest(channels_);
  s.banks = busiest(rows_.banks);
  // Beyond a stretch of rows come those of the other banks, then other rows of the same.
  if (s.pitch >= rows_.bytes) {
    const std::int64_t met = higher_banks_ / std::gcd(s.pitch / rows_.bytes, higher_banks_);
    const auto reached = static_cast<double>(met);
    if (closed_page_) s.banks /= reached;
    if (!closed_page_ && s.run <= rows_.bytes) s.rows = static_cast<double>(s.runs) / reached;
  }
  if (closed_page_ && s.pitch < burst_) {
    const double parallel = std::min(
        static_cast<double>(channels_),
        std::max(1.0, static_cast<double>(in_flight_ * s.pitch) / static_cast<double>(burst_)));
    s.banks = std::max(s.banks, static_cast<double>(rows_.banks) / parallel);
  }
}

MemoryCosts::Stream MemoryCosts::stream(std::int64_t runs, std::int64_t run,
                                        std::int64_t pitch) const {
  if (runs == 0 || run == 0) return {};
  if (run == pitch)  // each command takes a part of one long run
    return {runs, run, pitch, ceil_div(runs * run, burst_) * burst_, 1.0, 1.0};
  const std::int64_t step = std::gcd(std::gcd(pitch, run), burst_);
  Stream s{runs, run, pitch,
           runs * (step == burst_ ? ceil_div(run, burst_) * burst_ : run + burst_ - step)};
  find_busiest(s);
  return s;
}

Moves MemoryCosts::long_runs(std::int64_t commands, std::int64_t run, std::int64_t step) const {
  const std::int64_t bytes = commands * (run + burst_ - std::gcd(step, burst_));
  const std::int64_t bursts = bytes / burst_;
  return {commands,
          commands,
          bytes,
          activates(1, 1, bytes, 0, bytes),
          static_cast<double>(bytes),
          static_cast<double>(bursts),
          0.0,
          commands,
          commands * run};
}

// Of a stretch that a command meets it opens a row in each bank, but no more than it has bursts.
// These rows are taken to be closed when the next command comes back to them.
double MemoryCosts::activates(std::int64_t commands, std::int64_t runs, std::int64_t run,
                              std::int64_t pitch, std::int64_t bytes) const {
  const std::int64_t bursts = bytes / burst_;
  if (closed_page_) return static_cast<double>(bursts);
  const auto count = static_cast<double>(commands), all = static_cast<double>(runs);
  const double length = static_cast<double>(rows_.bytes);
  const double runs_bytes = static_cast<double>(run) * all;
  const double stretches =
      pitch < rows_.bytes
          ? count + (static_cast<double>(pitch) * std::max(0.0, all - count) + runs_bytes) / length
          : all + runs_bytes / length;
  return std::min(stretches * static_cast<double>(rows_.banks), static_cast<double>(bursts));
}

}  // namespace octet::sim

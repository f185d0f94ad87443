#include "sim/closed_form/outline_emitter.hpp"

#include <algorithm>
#include <numeric>

#include "sim/closed_form/counts.hpp"
#include "sim/program/live_bytes.hpp"

namespace octet::sim {
namespace {

constexpr std::int64_t kPeriods = 4;  // iterations after which a loop may come back to its shape

// Costs, traffic and scratchpads do not tell them apart, wherever they begin.
bool same_sort(const Command& a, const Command& b) {
  return a.op == b.op && a.layer == b.layer && a.phase == b.phase && a.a == b.a && a.b == b.b &&
         a.c == b.c && a.out == b.out && a.extra == b.extra && a.count == b.count && a.m == b.m &&
         a.n == b.n && a.k == b.k && a.g == b.g && a.rows == b.rows && a.cols == b.cols &&
         a.depth == b.depth && a.wide_operand == b.wide_operand && a.dataflow == b.dataflow &&
         a.accumulate == b.accumulate && a.flags == b.flags && a.pad == b.pad &&
         a.run_bytes == b.run_bytes && a.runs == b.runs && a.stride == b.stride;
}

bool transfers(Unit unit) { return unit == Unit::kDmaLoad || unit == Unit::kDmaStore; }

}  // namespace

std::int32_t OutlineEmitter::sort_like(const Command& c) const {
  const auto id = static_cast<std::int32_t>(outline_.steps.size());
  for (std::size_t l = depth_; l-- > 0;) {
    const auto& begins = loops_[l].begins;
    const std::size_t k = begins.size();
    for (std::size_t back = 2; back <= std::min<std::size_t>(k, kPeriods + 1); ++back) {
      const std::int32_t at = begins[k - back] + (id - begins[k - 1]);
      if (at >= begins[k - 1]) continue;
      const std::int32_t sort = sort_of_[static_cast<std::size_t>(at)];
      if (same_sort(outline_.copies[static_cast<std::size_t>(sort)], c)) return sort;
    }
  }
  return -1;
}

int OutlineEmitter::emit(const Command& c, const std::vector<std::int32_t>& deps) {
  std::int32_t sort = sort_like(c);
  if (sort < 0) {
    sort = static_cast<std::int32_t>(sorts_.size());
    outline_.copies.push_back(c);
    const Unit unit = unit_of(c.op);
    sorts_.push_back(
        {cost_of(c, program_, hardware_), unit,
         transfers(unit) ? program_.tensors[static_cast<std::size_t>(c.a)].address : 0});
  }
  const Sort& like = sorts_[static_cast<std::size_t>(sort)];
  Outline::Step step;
  step.command = &outline_.copies[static_cast<std::size_t>(sort)];
  step.cycles = like.cost.cycles;
  step.address = like.base + c.offset;
  step.unit = like.unit;
  step.deps = static_cast<std::uint32_t>(outline_.deps.size());
  outline_.deps.insert(outline_.deps.end(), deps.begin(), deps.end());
  step.deps_end = static_cast<std::uint32_t>(outline_.deps.size());
  outline_.steps.push_back(step);
  sort_of_.push_back(sort);
  return static_cast<int>(outline_.steps.size()) - 1;
}

// b follows a as c follows b: `length` steps each, of the same sorts, equally far apart.
bool OutlineEmitter::in_step(std::int32_t a, std::int32_t b, std::int32_t c,
                             std::int32_t length) const {
  for (std::int32_t i = 0; i < length; ++i) {
    const auto at = [&](std::int32_t first) { return static_cast<std::size_t>(first + i); };
    if (sort_of_[at(c)] != sort_of_[at(b)] || sort_of_[at(b)] != sort_of_[at(a)]) return false;
    if (outline_.steps[at(c)].address - outline_.steps[at(b)].address !=
        outline_.steps[at(b)].address - outline_.steps[at(a)].address)
      return false;
  }
  return true;
}

// The iterations after which this loop is back at the same place in a burst, if the last ones were
// all alike; or 0.
std::int64_t OutlineEmitter::window_of(const Loop& loop) const {
  const auto& begins = loop.begins;
  const auto made = static_cast<std::int64_t>(begins.size());
  const auto begin = [&](std::int64_t i) {
    return i == made ? static_cast<std::int32_t>(outline_.steps.size())
                     : begins[static_cast<std::size_t>(i)];
  };
  const auto alike = [&](std::int64_t i, std::int64_t period) {
    if (i - 2 * period < 0) return false;
    const std::int32_t length = begin(i + 1) - begin(i);
    for (const std::int64_t before : {i - period, i - 2 * period}) {
      if (begin(before + 1) - begin(before) != length) return false;
    }
    return in_step(begin(i - 2 * period), begin(i - period), begin(i), length);
  };
  for (std::int64_t period = 1; period <= kPeriods; ++period) {
    std::int64_t q = 0;
    while (q < period && alike(made - 1 - q, period)) ++q;
    if (q < period) continue;
    std::int64_t window = period;
    for (std::int32_t i = begin(made - period); i < begin(made); ++i) {
      if (!transfers(outline_.steps[static_cast<std::size_t>(i)].unit)) continue;
      const std::int32_t before = begin(made - 2 * period) + i - begin(made - period);
      const std::int64_t offset = outline_.steps[static_cast<std::size_t>(i)].address -
                                  outline_.steps[static_cast<std::size_t>(before)].address;
      const std::int64_t burst = hardware_.dram.burst_bytes;
      window = std::lcm(window, period * (burst / std::gcd(offset, burst)));
    }
    window *= (keep_.window + window - 1) / window;
    if (made < window) return 0;
    for (q = period; q < window; ++q) {
      if (!alike(made - 1 - q, period)) return 0;
    }
    return window;
  }
  return 0;
}

// The last iteration is what the one `window` before it promised.
bool OutlineEmitter::follows(const Loop& loop, std::int64_t window) const {
  const auto& begins = loop.begins;
  const std::size_t made = begins.size();
  const std::size_t before = made - 1 - static_cast<std::size_t>(window);
  const std::int32_t first = begins[made - 1], past = begins[before];
  const std::int32_t length = static_cast<std::int32_t>(outline_.steps.size()) - first;
  if (begins[before + 1] - past != length) return false;
  for (std::int32_t i = 0; i < length; ++i) {
    const auto a = static_cast<std::size_t>(first + i), b = static_cast<std::size_t>(past + i);
    if (sort_of_[a] != sort_of_[b]) return false;
    if ((outline_.steps[a].address - outline_.steps[b].address) % hardware_.dram.burst_bytes != 0)
      return false;
  }
  return true;
}

void OutlineEmitter::repeat(std::int64_t n, const std::function<void(std::int64_t)>& body) {
  if (depth_ == loops_.size()) loops_.emplace_back();
  const std::size_t own = depth_++;
  loops_[own].begins.clear();
  std::int64_t window = 0, check = -1, skipped = 0, last = 0;
  // Within a loop that runs again, this one is in its steady state sooner.
  const std::int64_t before =
      own > 0 && loops_[own - 1].begins.size() > 1 ? keep_.again : keep_.before;
  for (std::int64_t i = 0; i < n; ++i) {
    loops_[own].begins.push_back(static_cast<std::int32_t>(outline_.steps.size()));
    body(i);
    if (i == check) exact_ = exact_ && follows(loops_[own], window);
    const std::int64_t left = n - i - 1;
    if (check >= 0 || i + 1 < before + keep_.window || left < keep_.after + keep_.window) continue;
    window = window_of(loops_[own]);
    if (window == 0 || i + 1 < before + window) continue;
    const std::int64_t times = (left - keep_.after) / window;
    if (times < 1) continue;
    const auto& begins = loops_[own].begins;
    const auto first =
        static_cast<std::size_t>(begins[begins.size() - static_cast<std::size_t>(window)]);
    for (std::size_t s = first; s < outline_.steps.size(); ++s)
      outline_.steps[s].weight *= 1 + times;
    i += times * window;
    check = i + 1;
    skipped = times;
    last = static_cast<std::int64_t>(begins.size()) - 1;
  }
  --depth_;
  if (skipped == 0) return;
  auto& begins = loops_[own].begins;
  begins.push_back(static_cast<std::int32_t>(outline_.steps.size()));
  for (auto s = static_cast<std::size_t>(begins.front()); s < outline_.steps.size(); ++s)
    outline_.steps[s].loop = static_cast<std::int32_t>(shortened_.size());
  shortened_.push_back({begins, window, last, skipped});
}

bool OutlineEmitter::same_steps(const Shortened& loop, std::int64_t a, std::int64_t b) const {
  const auto begin = [&](std::int64_t i) { return loop.begins[static_cast<std::size_t>(i)]; };
  const std::int32_t length = begin(a + 1) - begin(a);
  return length == begin(b + 1) - begin(b) &&
         std::equal(sort_of_.begin() + begin(a), sort_of_.begin() + begin(a) + length,
                    sort_of_.begin() + begin(b));
}

void OutlineEmitter::settle(const std::vector<Interval>& intervals) {
  std::vector<double> ends;
  std::vector<char> alike;
  std::vector<std::pair<double, std::int64_t>> found;
  for (const Shortened& loop : shortened_) {
    const auto made = static_cast<std::int64_t>(loop.begins.size()) - 1;
    const auto begin = [&](std::int64_t i) {
      return static_cast<std::size_t>(loop.begins[static_cast<std::size_t>(i)]);
    };
    // When each iteration ends, the mean over its steps; whether it is as those that stand for all.
    ends.clear();
    alike.clear();
    for (std::int64_t i = 0; i < made; ++i) {
      double sum = 0.0;
      for (std::size_t s = begin(i); s < begin(i + 1); ++s)
        sum += static_cast<double>(intervals[s].end);
      ends.push_back(sum / static_cast<double>(std::max<std::size_t>(1, begin(i + 1) - begin(i))));
      std::int64_t like = loop.last - ((loop.last - i) % loop.window + loop.window) % loop.window;
      alike.push_back(same_steps(loop, i, like) ? 1 : 0);
    }
    found.clear();
    std::int64_t in_a_row = 0;
    for (std::int64_t i = 0; i < made; ++i) {
      const auto at = static_cast<std::size_t>(i);
      in_a_row = alike[at] != 0 ? in_a_row + 1 : 0;
      if (in_a_row > loop.window)
        found.emplace_back(ends[at] - ends[static_cast<std::size_t>(i - loop.window)], i);
    }
    if (found.empty()) continue;
    const auto middle = found.begin() + static_cast<std::ptrdiff_t>((found.size() - 1) / 2);
    std::nth_element(found.begin(), middle, found.end());
    const std::int64_t chosen = middle->second;
    if (chosen == loop.last) continue;
    for (std::size_t s = begin(loop.last + 1 - loop.window); s < begin(loop.last + 1); ++s)
      outline_.steps[s].weight /= 1 + loop.times;
    for (std::size_t s = begin(chosen + 1 - loop.window); s < begin(chosen + 1); ++s)
      outline_.steps[s].weight *= 1 + loop.times;
  }
}

void OutlineEmitter::add_counts(StepStats& stats) const {
  const std::int64_t burst = hardware_.dram.burst_bytes;
  struct Sum {
    std::int64_t times = 0, at = -1, bytes = 0;
    std::int64_t one = 0;  // bytes of a transfer whose first burst is entered at `at`
  };
  std::vector<Sum> sums(sorts_.size());
  LiveBytes live(program_.tensors.size());  // loops keep their first and last iterations
  for (std::size_t s = 0; s < outline_.steps.size(); ++s) {
    const Outline::Step& step = outline_.steps[s];
    Sum& sum = sums[static_cast<std::size_t>(sort_of_[s])];
    sum.times += step.weight;
    if (!transfers(step.unit)) continue;
    live.access(step.command->a, step.unit == Unit::kDmaStore);
    const std::int64_t at = step.address % burst;
    if (at != sum.at) {
      const Command& c = *step.command;
      sum.at = at;
      sum.one = moved_by(at, c.runs, c.stride, c.run_bytes, burst);
    }
    sum.bytes += step.weight * sum.one;
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const Sum& sum = sums[i];
    const Command& c = outline_.copies[i];
    add_times(stats.at(c.layer, static_cast<int>(c.phase), static_cast<int>(sorts_[i].unit)),
              sorts_[i].cost.counters, sum.times);
    stats.commands += sum.times;
    if (transfers(sorts_[i].unit)) add_moved(sum.bytes, c, program_, burst, stats);
  }
  stats.live_bytes = live.peak(program_.tensors);
}

}  // namespace octet::sim

#include "sim/closed_form/outline.hpp"

#include <algorithm>

#include "sim/closed_form/counts.hpp"

namespace octet::sim {
namespace {

// Repetitions kept: before the window, in it, and after it at least. The window is long because the
// memory is slower to repeat itself than the loop: rows, refreshes, the places of two streams.
constexpr std::int64_t kBefore = 8;
constexpr std::int64_t kWindow = 32;
constexpr std::int64_t kAfter = 8;

// Repetitions of these commands differ in what they depend on and where they begin, and in nothing
// that costs.
bool costs_the_same(const Command& step) {
  return step.a == 0 && step.b == 0 && step.c == 0 && step.out == 0 && step.extra == 0 &&
         step.count == 0 && step.m == 0 && step.n == 0 && step.k == 0 && step.g == 0 &&
         step.rows == 0 && step.cols == 0 && step.depth == 0 && step.wide_operand == 0 &&
         step.dataflow == 0 && step.accumulate == 0 && step.flags == 0 && step.pad == 0 &&
         step.run_bytes == 0 && step.runs == 0 && step.stride == 0;
}

class Maker {
 public:
  Maker(const Program& program, const Hardware& hardware, bool fold, StepStats& stats)
      : program_(program), fold_(fold), counts_(program, hardware, stats) {}

  Outline make() {
    for (const CommandList::Block& block : program_.commands.blocks()) {
      const bool loop =
          block.period > 0 && std::all_of(block.step.begin(), block.step.end(), costs_the_same);
      loop ? add_loop(block) : add_each(block);
    }
    return std::move(outline_);
  }

 private:
  // Where the commands of a block went.
  struct Kept {
    std::int64_t start = 0, period = 1, repetitions = 1;
    std::int64_t before = 0, skipped = 0;  // repetitions
    std::int64_t first_step = 0;
  };

  void add_each(const CommandList::Block& block) {
    const auto size = static_cast<std::int64_t>(block.size);
    kept_.push_back({static_cast<std::int64_t>(block.start), size, 1, 1, 0, next_step()});
    for (std::size_t i = block.start; i < block.start + block.size; ++i) {
      const Command& c = block.period == 0 ? block.first[i - block.start]
                                           : outline_.copies.emplace_back(program_.commands[i]);
      const Cost cost = counts_.add(c, 1, 0);
      add_step(c, c.offset, cost.cycles, 1);
      for (const std::int32_t d : c.deps) add_dependency(d);
    }
  }

  void add_loop(const CommandList::Block& block) {
    const auto period = static_cast<std::int64_t>(block.period);
    const auto size = static_cast<std::int64_t>(block.size);
    const std::int64_t repetitions = size / period;
    const std::int64_t rest = size % period;  // commands of a last repetition that is not whole
    std::int64_t skipped = 0;
    if (fold_ && repetitions > kBefore + kWindow + kAfter)
      skipped = (repetitions - kBefore - kWindow - kAfter) / kWindow * kWindow;
    kept_.push_back({static_cast<std::int64_t>(block.start), period, repetitions, kBefore + kWindow,
                     skipped, next_step()});
    cycles_.clear();
    for (std::int64_t p = 0; p < period; ++p) {
      const Command& c = block.first[static_cast<std::size_t>(p)];
      const std::int64_t times = repetitions + (p < rest ? 1 : 0);
      cycles_.push_back(
          counts_.add(c, times, block.step[static_cast<std::size_t>(p)].offset).cycles);
    }
    for (std::int64_t r = 0; r <= repetitions; ++r) {
      if (r == kBefore + kWindow) r += skipped;
      const bool window = skipped > 0 && r >= kBefore && r < kBefore + kWindow;
      const std::int64_t commands = r < repetitions ? period : rest;
      for (std::int64_t p = 0; p < commands; ++p) {
        const auto at = static_cast<std::size_t>(p);
        const Command& c = block.first[at];
        const Command& by = block.step[at];
        add_step(c, c.offset + r * by.offset, cycles_[at], window ? 1 + skipped / kWindow : 1);
        for (std::size_t d = 0; d < c.deps.size(); ++d) add_dependency(c.deps[d] + r * by.deps[d]);
      }
    }
  }

  [[nodiscard]] std::int64_t next_step() const {
    return static_cast<std::int64_t>(outline_.steps.size());
  }

  void add_step(const Command& c, std::int64_t offset, std::int64_t cycles, std::int64_t weight) {
    Outline::Step step;
    step.command = &c;
    step.unit = unit_of(c.op);
    step.cycles = cycles;
    step.weight = weight;
    if (step.unit == Unit::kDmaLoad || step.unit == Unit::kDmaStore)
      step.address = program_.tensors[static_cast<std::size_t>(c.a)].address + offset;
    step.deps = step.deps_end = static_cast<std::uint32_t>(outline_.deps.size());
    outline_.steps.push_back(step);
  }

  // Of the last step. A repetition that was left out is represented by the last before it.
  void add_dependency(std::int64_t command) {
    auto k = kept_.end() - 1;
    if (command < k->start) {
      k = std::upper_bound(kept_.begin(), kept_.end(), command,
                           [](std::int64_t id, const Kept& kept) { return id < kept.start; }) -
          1;
    }
    const std::int64_t place = command - k->start;
    std::int64_t repetition = place / k->period;
    if (k->skipped > 0 && repetition >= k->before)
      repetition = std::max(repetition - k->skipped, k->before - 1);
    outline_.deps.push_back(
        static_cast<std::int32_t>(k->first_step + repetition * k->period + place % k->period));
    ++outline_.steps.back().deps_end;
  }

  const Program& program_;
  bool fold_;
  Counts counts_;
  Outline outline_;
  std::vector<Kept> kept_;
  std::vector<std::int64_t> cycles_;
};

}  // namespace

Outline outline_of(const Program& program, const Hardware& hardware, bool fold, StepStats& stats) {
  return Maker(program, hardware, fold, stats).make();
}

}  // namespace octet::sim

#pragma once
#include "sim/closed_form/outline.hpp"
#include "sim/program/lowering/emitter.hpp"
#include "sim/timing/costs.hpp"
#include "sim/timing/machine.hpp"

namespace octet::sim {

// How many iterations of a loop are kept: docs/timing.md.
struct Keep {
  std::int64_t before = 6;  // until the loop is in its steady state
  std::int64_t again = 4;   // the same, within a loop that has run before
  std::int64_t window = 2;  // at least, to stand for what is left out
  std::int64_t after = 3;   // at least: the ends of a tensor
};

// Takes a lowering's commands as an outline: loops at every depth run for a few iterations until
// these repeat each other, down to the place in a burst, then once more for all the others, then to
// their end. So it takes microseconds a layer, and the counts are exact.
class OutlineEmitter final : public Emitter {
 public:
  // `program`: where the lowering puts tensors. Both must outlive this.
  OutlineEmitter(const Program& program, const Hardware& hardware, const Keep& keep)
      : program_(program), hardware_(hardware), keep_(keep) {}
  int emit(const Command& command, const std::vector<std::int32_t>& deps) override;
  [[nodiscard]] Unit unit(int id) const override {
    return outline_.steps[static_cast<std::size_t>(id)].unit;
  }
  void repeat(std::int64_t n, const std::function<void(std::int64_t)>& body) override;

  // False: an iteration after those left out was not what they promised; the counts are no good.
  [[nodiscard]] bool exact() const { return exact_; }
  // Iterations of some loop were left out.
  [[nodiscard]] bool shortened() const { return !shortened_.empty(); }
  // Adds the counts of the whole program: all counters but cycles, the traffic, and the commands.
  void add_counts(StepStats& stats) const;
  [[nodiscard]] const Outline& outline() const { return outline_; }
  // Once it is known when each step runs, and the counts have been added: those iterations of a
  // loop stand for what was left out that take as long as most. Others may be held up by what came
  // before the loop.
  void settle(const std::vector<Interval>& intervals);

 private:
  // Commands that cost the same: transfers where bursts begin at the same place.
  struct Sort {
    Cost cost;
    Unit unit = Unit::kMacArray;
    std::int64_t base = 0;  // the tensor's address, of a transfer
  };
  // One loop: where its iterations begin among the steps.
  struct Loop {
    std::vector<std::int32_t> begins;
  };
  // A loop that is over and left out iterations: `times` those of the `window` up to `last`.
  struct Shortened {
    std::vector<std::int32_t> begins;  // and the end
    std::int64_t window = 1, last = 0, times = 0;
  };
  [[nodiscard]] bool same_steps(const Shortened& loop, std::int64_t a, std::int64_t b) const;
  [[nodiscard]] std::int32_t sort_like(const Command& command) const;
  [[nodiscard]] bool in_step(std::int32_t a, std::int32_t b, std::int32_t c,
                             std::int32_t length) const;
  [[nodiscard]] std::int64_t window_of(const Loop& loop) const;
  [[nodiscard]] bool follows(const Loop& loop, std::int64_t window) const;

  const Program& program_;
  const Hardware& hardware_;
  Keep keep_;
  Outline outline_;
  std::vector<Sort> sorts_;            // those of outline_.copies
  std::vector<std::int32_t> sort_of_;  // by step
  std::vector<Shortened> shortened_;
  std::vector<Loop> loops_;  // those being run, the innermost last
  std::size_t depth_ = 0;
  bool exact_ = true;
};

}  // namespace octet::sim

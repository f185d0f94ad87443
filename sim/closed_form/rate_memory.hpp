#pragma once
#include <array>
#include <vector>

#include "sim/closed_form/outline.hpp"
#include "sim/closed_form/transfer_rates.hpp"

namespace octet::sim {

// A memory that takes one transfer after the other, in the order of their starts, each for as long
// as its rate says; it knows which rows they leave open, and when refreshes are due.
class RateMemory {
 public:
  explicit RateMemory(TransferRates& rates);

  // The cycle in which a transfer ends that starts to send in cycle `now`. One of a loop that was
  // shortened meets refreshes as is to be expected, others as they come.
  std::int64_t transfer(const Outline::Step& step, std::int64_t now);
  [[nodiscard]] std::int64_t activates() const { return static_cast<std::int64_t>(activates_); }

 private:
  // A stripe's banks: the row that was opened last, and in which of them.
  struct Bank {
    std::int64_t row = -1;
    std::uint64_t opened = 0;    // places in the stripe, as a set
    std::int64_t refreshes = 0;  // that there had been: rows from before are closed
    bool precharged = true;      // what is not opened is closed
  };
  struct Side {
    double end = -1e18;
    int bank = -1;
  };
  // What a transfer finds: of the rows that it needs, the share that is not open; the first of them
  // in no need of a precharge; the second one not open.
  struct Rows {
    int first = 0, last = 0;  // banks
    double closed = 0.0;
    bool first_closed = false, precharged = false, second_closed = false;
    std::int64_t stripe = 0;
  };
  [[nodiscard]] Rows open_rows(const Command& command, std::int64_t address);
  [[nodiscard]] bool open(std::int64_t stripe, std::uint64_t places, Rows& rows);
  [[nodiscard]] double refreshed(double from, double end, double idle, double closed,
                                 const TransferRate& rate, bool typical);

  TransferRates& rates_;
  std::vector<Bank> banks_;
  std::array<Side, 2> sides_;  // the last load, the last store
  double due_;                 // the next refresh
  std::int64_t refreshes_ = 0;
  double debt_ = 0.0;  // parts of cycles
  double activates_ = 0.0;
};

}  // namespace octet::sim

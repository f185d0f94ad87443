#include "sim/dram/fr_fcfs_channel.hpp"

namespace octet::sim {
namespace {

constexpr int kHitsWhileOlderWaits = 4;

}  // namespace

FrFcfsChannel::FrFcfsChannel(const Dram& dram)
    : timing_(dram),
      queue_(dram.queue),
      bank_queue_(dram.bank_queue > 0 ? dram.bank_queue : dram.queue),
      ranks_(dram.ranks),
      one_queue_(dram.bank_queue == 0),
      refreshes_(dram.t.refi > 0),
      closed_page_(dram.page == DramPage::kClosed),
      drain_from_(one_queue_ ? std::max(1, dram.queue * 4 / 5) : dram.queue),
      drain_low_(one_queue_ ? dram.queue / 5 : 0),
      drain_start_(one_queue_ ? 1 : (dram.queue + 1) / 2),
      banks_(static_cast<std::size_t>(dram.ranks * dram.banks_per_rank())),
      ready_(banks_.size(), INT64_MAX) {
  for (auto& waiting : waiting_) waiting.reserve(static_cast<std::size_t>(queue_));
  for (BankQueue& bank : banks_) {
    bank.entries.reserve(static_cast<std::size_t>(std::max(bank_queue_, queue_)));
  }
  refresh_due_ = refreshes_ ? timing_.refresh_due(0) : INT64_MAX;
}

void FrFcfsChannel::push(int bank, std::int64_t row, bool write, DramClock clock) {
  waiting_[static_cast<std::size_t>(write)].push_back(
      {row, clock, order_++, bank, write, false, false});
}

// One request goes to its bank: the oldest whose bank has a place.
bool FrFcfsChannel::move() {
  auto& reads = waiting_[0];
  auto& writes = waiting_[1];
  const int pending = static_cast<int>(writes.size()) + held_[1];
  if (draining_ == 0) {
    if (pending >= drain_from_ || (reads.empty() && pending >= drain_start_) ||
        (flush_ && reads.empty())) {
      const int all = static_cast<int>(writes.size());
      draining_ = std::max(std::min(all, 1), all - (reads.empty() ? 0 : drain_low_));
    }
  }
  auto& from = draining_ > 0 ? writes : reads;
  for (auto it = from.begin(); it != from.end(); ++it) {
    BankQueue& bank = banks_[static_cast<std::size_t>(it->bank)];
    if (static_cast<int>(bank.entries.size()) >= bank_queue_) continue;
    if (it->write) --draining_;
    if (one_queue_) ++held_[static_cast<std::size_t>(it->write)];
    const int to = it->bank;
    bank.entries.push_back(*it);
    from.erase(it);
    const auto w = static_cast<std::size_t>(bank.entries.back().write);
    if (bank.first_hit[w] < 0 && bank.entries.back().row == timing_.open_row(to)) {
      bank.first_hit[w] = static_cast<int>(bank.entries.size()) - 1;
    }
    ready_[static_cast<std::size_t>(to)] = now_ + 1;
    next_ready_ = std::min(next_ready_, now_ + 1);
    return true;
  }
  if (draining_ > 0 && from.empty()) draining_ = 0;
  return false;
}

FrFcfsChannel::Choice FrFcfsChannel::choose(int number) const {
  const BankQueue& bank = banks_[static_cast<std::size_t>(number)];
  const std::int64_t open = timing_.open_row(number);
  if (open < 0) return {timing_.earliest_activate(number), 0, false};
  Choice best;
  const auto consider = [&](const Choice& c) {
    if (c.clock < best.clock || (c.clock == best.clock && c.entry < best.entry)) best = c;
  };
  for (const bool write : {false, true}) {
    const int entry = bank.first_hit[static_cast<std::size_t>(write)];
    if (entry >= 0) {
      // Both may be legal by now: the older goes first.
      consider({std::max(now_, timing_.earliest_column(number, write)), entry, false});
    }
  }
  const bool hits = best.entry >= 0;
  if (bank.entries.front().row != open && (!hits || bank.hits >= kHitsWhileOlderWaits)) {
    consider({std::max(now_, timing_.earliest_precharge(number)), 0, true});
  }
  return best;
}

void FrFcfsChannel::find_hits(int number) {
  BankQueue& bank = banks_[static_cast<std::size_t>(number)];
  const std::int64_t open = timing_.open_row(number);
  bank.first_hit[0] = bank.first_hit[1] = -1;
  for (int i = static_cast<int>(bank.entries.size()) - 1; i >= 0; --i) {
    const Waiting& w = bank.entries[static_cast<std::size_t>(i)];
    if (w.row == open) bank.first_hit[static_cast<std::size_t>(w.write)] = i;
  }
}

void FrFcfsChannel::execute(int number, const Choice& choice) {
  BankQueue& bank = banks_[static_cast<std::size_t>(number)];
  Waiting& request = bank.entries[static_cast<std::size_t>(choice.entry)];
  if (choice.precharge) {
    timing_.precharge(number, now_);
    ++counters_.precharges;
    request.conflict = true;
  } else if (timing_.open_row(number) < 0) {
    timing_.activate(number, request.row, now_);
    ++counters_.activates;
    bank.hits = 0;
    request.opened = true;
  } else {
    const DramClock done = timing_.column(number, request.write, now_);
    if (closed_page_) {
      timing_.auto_precharge(number);
      ++counters_.precharges;
    }
    ++bank.hits;
    ++(request.write ? counters_.writes : counters_.reads);
    ++(!request.opened    ? counters_.hits
       : request.conflict ? counters_.conflicts
                          : counters_.misses);
    last_data_ = std::max(last_data_, done);
    latency_sum_ += done - request.arrival;
    latency_max_ = std::max(latency_max_, done - request.arrival);
    if (one_queue_) --held_[static_cast<std::size_t>(request.write)];
    bank.entries.erase(bank.entries.begin() + choice.entry);
  }
  find_hits(number);
  ready_[static_cast<std::size_t>(number)] = bank.entries.empty() ? INT64_MAX : now_ + 1;
}

// One command, if any is legal now.
bool FrFcfsChannel::issue() {
  const int n = static_cast<int>(banks_.size());
  DramClock next = INT64_MAX;
  int chosen = -1;
  Choice best;
  for (int i = 1; i <= n; ++i) {
    const int number = turn_ + i < n ? turn_ + i : turn_ + i - n;
    DramClock& ready = ready_[static_cast<std::size_t>(number)];
    if (ready <= now_) {
      const Choice choice = choose(number);
      ready = choice.clock;
      if (choice.clock <= now_) {
        const auto age = [&](int b, const Choice& c) {
          return banks_[static_cast<std::size_t>(b)]
              .entries[static_cast<std::size_t>(c.entry)]
              .order;
        };
        if (!one_queue_) {
          chosen = number;
          best = choice;
          break;
        }
        if (chosen < 0 || age(number, choice) < age(chosen, best)) {
          chosen = number;
          best = choice;
        }
      }
    }
    next = std::min(next, ready);
  }
  if (chosen < 0) {
    next_ready_ = next;
    return false;
  }
  turn_ = chosen;
  execute(chosen, best);
  next_ready_ = now_ + 1;
  return true;
}

void FrFcfsChannel::refresh() {
  refresh_due_ = INT64_MAX;
  for (int r = 0; r < ranks_; ++r) {
    if (timing_.refresh_due(r) <= now_) {
      counters_.precharges += timing_.refresh(r, now_);
      ++counters_.refreshes;
      if (empty()) counters_.refreshes += timing_.idle_refreshes(r, now_);
      const int per_rank = static_cast<int>(banks_.size()) / ranks_;
      for (int b = r * per_rank; b < (r + 1) * per_rank; ++b) {
        find_hits(b);
        DramClock& ready = ready_[static_cast<std::size_t>(b)];
        if (ready != INT64_MAX) ready = now_;
      }
      next_ready_ = now_;
    }
    refresh_due_ = std::min(refresh_due_, timing_.refresh_due(r));
  }
}

bool FrFcfsChannel::empty() const {
  if (!waiting_[0].empty() || !waiting_[1].empty()) return false;
  return std::all_of(banks_.begin(), banks_.end(),
                     [](const BankQueue& bank) { return bank.entries.empty(); });
}

// One clock; false if nothing happened in it.
bool FrFcfsChannel::tick() {
  if (now_ >= refresh_due_) refresh();
  const bool issued = next_ready_ <= now_ && issue();
  const bool moved = move();
  return issued || moved;
}

void FrFcfsChannel::advance(DramClock clock) {
  while (now_ < clock) {
    if (tick()) {
      ++now_;
    } else {
      now_ = std::min(clock, std::max(now_ + 1, std::min(next_ready_, refresh_due_)));
    }
  }
}

DramClock FrFcfsChannel::advance_to_space(bool write) {
  while (!has_space(write)) {
    if (tick()) {
      ++now_;
    } else {
      now_ = std::max(now_ + 1, std::min(next_ready_, refresh_due_));
    }
  }
  return now_;
}

DramClock FrFcfsChannel::drain() {
  flush_ = true;
  while (!empty()) {
    if (tick()) {
      ++now_;
    } else {
      now_ = std::max(now_ + 1, std::min(next_ready_, refresh_due_));
    }
  }
  flush_ = false;
  return last_data_;
}

}  // namespace octet::sim

#include "sim/program/command_list.hpp"

#include <algorithm>
#include <array>

namespace octet::sim {
namespace {

constexpr std::size_t kLongestPeriod = 48;  // commands of one tile with all its slices
// What makes a repetition worth keeping as one: three times, and more of a short one, so that short
// loops within a longer one do not hide it.
constexpr std::size_t kRepetitions = 3;
constexpr std::size_t kShortest = 24;
std::size_t length_of(std::size_t period) {
  return std::max(kRepetitions, (kShortest + period - 1) / period) * period;
}
// Commands without repetition in one block.
constexpr std::size_t kLiterals = 4096;

constexpr std::array kNumbers{
    &Command::a,        &Command::b,       &Command::c,          &Command::out,
    &Command::extra,    &Command::first,   &Command::count,      &Command::pitch,
    &Command::m0,       &Command::m,       &Command::n0,         &Command::n,
    &Command::k0,       &Command::k,       &Command::g0,         &Command::g,
    &Command::phase_y,  &Command::phase_x, &Command::rows,       &Command::cols,
    &Command::depth,    &Command::flags,   &Command::accumulate, &Command::wide_operand,
    &Command::dataflow, &Command::pad,     &Command::offset,     &Command::run_bytes,
    &Command::runs,     &Command::stride};

bool alike(const Command& a, const Command& b) {
  return a.op == b.op && a.layer == b.layer && a.phase == b.phase && a.deps.size() == b.deps.size();
}

// b - a, number by number; a and b are alike.
Command difference(const Command& a, const Command& b) {
  Command step = a;
  for (const auto number : kNumbers) step.*number = b.*number - a.*number;
  for (std::size_t i = 0; i < a.deps.size(); ++i) step.deps[i] = b.deps[i] - a.deps[i];
  return step;
}

Command sum(const Command& first, const Command& step, std::int64_t times) {
  Command command = first;
  for (const auto number : kNumbers) command.*number += times * step.*number;
  for (std::size_t i = 0; i < command.deps.size(); ++i) {
    command.deps[i] += static_cast<std::int32_t>(times * step.deps[i]);
  }
  return command;
}

// c follows a and b by equal steps.
bool in_step(const Command& a, const Command& b, const Command& c) {
  if (!alike(a, b) || !alike(b, c)) return false;
  for (const auto number : kNumbers) {
    if (c.*number - b.*number != b.*number - a.*number) return false;
  }
  for (std::size_t i = 0; i < a.deps.size(); ++i) {
    if (c.deps[i] - b.deps[i] != b.deps[i] - a.deps[i]) return false;
  }
  return true;
}

}  // namespace

// The last commands, not yet part of a repetition, repeat with this period.
bool CommandList::repeats(std::size_t period, std::size_t length) const {
  const std::vector<Command>& tail = blocks_.back().first;
  const std::size_t n = tail.size();
  for (std::size_t i = n - 1; i >= n - length + 2 * period; --i) {
    if (!in_step(tail[i - 2 * period], tail[i - period], tail[i])) return false;
  }
  return true;
}

bool CommandList::extend(const Command& command) {
  if (blocks_.empty() || blocks_.back().period == 0) return false;
  Block& block = blocks_.back();
  const std::size_t place = block.size % block.period;
  const auto times = static_cast<std::int64_t>(block.size / block.period);
  if (!alike(block.first[place], command)) return false;
  if (sum(block.first[place], block.step[place], times) != command) return false;
  ++block.size;
  return true;
}

void CommandList::find_repetition() {
  Block& block = blocks_.back();
  const std::size_t most = std::min(kLongestPeriod, block.first.size() / kRepetitions);
  for (std::size_t period = 1; period <= most; ++period) {
    const std::size_t length = length_of(period);
    if (length > block.first.size() || !repeats(period, length)) continue;
    const std::size_t kept = block.first.size() - length;
    Block loop{block.start + kept, length, period, {}, {}};
    for (std::size_t i = kept; i < kept + period; ++i) {
      loop.step.push_back(difference(block.first[i], block.first[i + period]));
      loop.first.push_back(std::move(block.first[i]));
    }
    block.first.resize(kept);
    block.first.shrink_to_fit();
    block.size = kept;
    if (kept == 0) blocks_.pop_back();
    blocks_.push_back(std::move(loop));
    return;
  }
}

void CommandList::push_back(Command command) {
  if (!extend(command)) {
    if (blocks_.empty() || blocks_.back().period > 0 || blocks_.back().size >= kLiterals) {
      blocks_.push_back({size_, 0, 0, {}, {}});
    }
    blocks_.back().first.push_back(std::move(command));
    ++blocks_.back().size;
    find_repetition();
  }
  ++size_;
}

const CommandList::Block& CommandList::block_of(std::size_t index) const {
  const auto holds = [&](std::size_t b) {
    return b < blocks_.size() && blocks_[b].start <= index &&
           index < blocks_[b].start + blocks_[b].size;
  };
  if (holds(last_block_)) return blocks_[last_block_];
  const auto after =
      std::upper_bound(blocks_.begin(), blocks_.end(), index,
                       [](std::size_t i, const Block& block) { return i < block.start; });
  last_block_ = static_cast<std::size_t>(after - blocks_.begin()) - 1;
  return blocks_[last_block_];
}

const Command CommandList::operator[](std::size_t index) const {
  const Block& block = block_of(index);
  const std::size_t place = index - block.start;
  if (block.period == 0) return block.first[place];
  const std::size_t at = place % block.period;
  return sum(block.first[at], block.step[at], static_cast<std::int64_t>(place / block.period));
}

Opcode CommandList::op(std::size_t index) const {
  const Block& block = block_of(index);
  const std::size_t place = index - block.start;
  return block.first[block.period == 0 ? place : place % block.period].op;
}

void CommandList::replace(std::size_t index, const Command& command) {
  CommandList changed;
  for (std::size_t i = 0; i < size_; ++i) changed.push_back(i == index ? command : (*this)[i]);
  *this = std::move(changed);
}

std::size_t CommandList::stored() const {
  std::size_t count = 0;
  for (const Block& block : blocks_) count += block.first.size() + block.step.size();
  return count;
}

bool CommandList::operator==(const CommandList& other) const {
  return size_ == other.size_ && std::equal(begin(), end(), other.begin());
}

}  // namespace octet::sim

#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <vector>

#include "sim/program/command.hpp"

namespace octet::sim {

// The commands of a program in order. Loops over tiles repeat a few commands whose numbers grow by
// the same amounts each time; such repetitions are kept once, with their increments, so that tens
// of millions of commands take little memory. What was put in comes out, command by command.
class CommandList {
 public:
  CommandList() = default;
  CommandList(std::initializer_list<Command> commands) {
    for (const Command& command : commands) push_back(command);
  }
  void push_back(Command command);
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  // A copy, made from what is kept; const, so that nobody takes it for the command itself.
  [[nodiscard]] const Command operator[](std::size_t index) const;  // NOLINT
  [[nodiscard]] Opcode op(std::size_t index) const;  // the same command's, without making it
  // Changes one command, by building the list again: for tests.
  void replace(std::size_t index, const Command& command);
  // `period` commands, `size / period` times: in repetition r, numbers are first + r * step.
  // Without repetition (period 0) `size` commands as they are.
  struct Block {
    std::size_t start = 0, size = 0, period = 0;
    std::vector<Command> first, step;
  };
  // What is kept, in order: for sums over loops without their repetitions.
  [[nodiscard]] const std::vector<Block>& blocks() const { return blocks_; }
  // Commands kept, of all: what memory goes by.
  [[nodiscard]] std::size_t stored() const;

  class Iterator {
   public:
    using value_type = Command;
    using difference_type = std::ptrdiff_t;
    using reference = Command;
    using pointer = const Command*;
    using iterator_category = std::input_iterator_tag;
    Iterator(const CommandList* list, std::size_t index) : list_(list), index_(index) {}
    Command operator*() const { return (*list_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const CommandList* list_;
    std::size_t index_;
  };
  [[nodiscard]] Iterator begin() const { return {this, 0}; }
  [[nodiscard]] Iterator end() const { return {this, size_}; }
  bool operator==(const CommandList& other) const;

 private:
  [[nodiscard]] const Block& block_of(std::size_t index) const;
  [[nodiscard]] bool repeats(std::size_t period, std::size_t length) const;
  bool extend(const Command& command);
  void find_repetition();
  std::vector<Block> blocks_;
  std::size_t size_ = 0;
  mutable std::size_t last_block_ = 0;  // accesses mostly go forward
};

}  // namespace octet::sim

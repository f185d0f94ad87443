#pragma once
#include <array>
#include <cstddef>
#include <initializer_list>
#include <vector>

namespace octet::sim {

// Ids of the commands that something waits for; -1 stands for none. Few as a rule: those are kept
// in place, since every tile makes several of these lists.
class Deps {
 public:
  Deps() = default;
  Deps(std::initializer_list<int> ids) {
    for (const int id : ids) push_back(id);
  }
  void push_back(int id) {
    if (many_.empty() && size_ < kFew) {
      few_[size_++] = id;
      return;
    }
    if (many_.empty()) many_.assign(few_.begin(), few_.end());
    many_.push_back(id);
    ++size_;
  }
  void append(const Deps& other) {
    for (const int id : other) push_back(id);
  }
  void clear() {
    size_ = 0;
    many_.clear();
  }
  [[nodiscard]] const int* begin() const { return many_.empty() ? few_.data() : many_.data(); }
  [[nodiscard]] const int* end() const { return begin() + size_; }
  [[nodiscard]] int front() const { return *begin(); }

 private:
  static constexpr std::size_t kFew = 14;
  std::array<int, kFew> few_{};  // the first size_ of them
  std::size_t size_ = 0;
  std::vector<int> many_;  // all, where they are more
};

}  // namespace octet::sim

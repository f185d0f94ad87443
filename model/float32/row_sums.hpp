#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/thread_pool.hpp"
#include "model/ops/range_bn.hpp"

namespace octet::model::float32 {

// `count` values a channel, summed over rows in an order that no thread can change: short runs of
// rows in Real, the runs of a slice in binary64, the slices in their order.
template <class Real>
class RowSums {
 public:
  static constexpr std::int64_t kRun = 128;

  RowSums(std::int64_t rows, int slices, std::size_t count)
      : rows_(rows),
        slices_(slices),
        count_(count),
        partial_(count * static_cast<std::size_t>(slices)) {}

  // add(row, sums) adds one row to count sums; called for every row of slice `slice` in order.
  template <class Add>
  void slice(int slice, const Add& add) {
    double* total = partial_.data() + static_cast<std::size_t>(slice) * count_;
    std::vector<Real> run(count_);
    const std::int64_t end = chunk_begin(rows_, slices_, slice + 1);
    for (std::int64_t row = chunk_begin(rows_, slices_, slice); row < end;) {
      const std::int64_t stop = std::min(end, row + kRun);
      std::fill(run.begin(), run.end(), Real{0});
      for (; row < stop; ++row) add(row, run.data());
      for (std::size_t i = 0; i < count_; ++i) total[i] += static_cast<double>(run[i]);
    }
  }

  template <class Add>
  void all(ThreadPool& pool, const Add& add) {
    pool.run(slices_, [&](int index) { slice(index, add); });
  }

  [[nodiscard]] double total(std::size_t i) const {
    double sum = 0;
    for (int s = 0; s < slices_; ++s) sum += partial_[static_cast<std::size_t>(s) * count_ + i];
    return sum;
  }

 private:
  std::int64_t rows_;
  int slices_;
  std::size_t count_;
  std::vector<double> partial_;  // [slice][count]
};

}  // namespace octet::model::float32

#include "model/float32/slices.hpp"

#include <algorithm>
#include <utility>

#include "model/float32/openmp_threads.hpp"

namespace octet::model::float32 {
namespace {

// At 16 images a slice of ResNet-20's widest layer takes 1 MiB; fewer than 8 slices would leave
// threads idle.
constexpr int kImages = 16;
constexpr int kFewest = 8;

}  // namespace

Slices::Slices(int batch)
    : batch_(batch), count_(std::min(batch, std::max(kFewest, (batch + kImages - 1) / kImages))) {}

Slice Slices::at(int index) const {
  const auto edge = [&](int i) { return static_cast<int>(std::int64_t{batch_} * i / count_); };
  return {index, edge(index), edge(index + 1)};
}

void run_tasks(ThreadPool& pool, int tasks, const std::function<void(int)>& task) {
  pool.run(tasks, [&](int index) {
    set_openmp_threads(1);
    task(index);
  });
}

void SliceQueue::run(const Slices& slices, int count, ThreadPool& pool) {
  const std::vector<Work> works = std::exchange(works_, {});
  if (works.empty()) return;
  run_tasks(pool, count, [&](int index) {
    const Slice slice = slices.at(index);
    for (const Work& work : works) work(slice);
  });
}

}  // namespace octet::model::float32

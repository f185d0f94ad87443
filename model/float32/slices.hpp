#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "common/thread_pool.hpp"

namespace octet::model::float32 {

// [begin, end) of the images of a batch.
struct Slice {
  int index = 0;
  int begin = 0, end = 0;
  [[nodiscard]] int images() const { return end - begin; }
};

// A batch cut into slices whose activations stay in a core's cache while several layers pass over
// them. The cut depends on the batch alone, so that no sum depends on the number of threads.
class Slices {
 public:
  explicit Slices(int batch);
  [[nodiscard]] int batch() const { return batch_; }
  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] Slice at(int index) const;

 private:
  int batch_, count_;
};

// The part of a batch's values that belongs to a slice.
template <class T>
[[nodiscard]] std::span<T> part(std::span<T> values, const Slices& slices, const Slice& slice) {
  const std::size_t image = values.size() / static_cast<std::size_t>(slices.batch());
  return values.subspan(static_cast<std::size_t>(slice.begin) * image,
                        static_cast<std::size_t>(slice.images()) * image);
}

// Runs task(0) .. task(tasks - 1) on the pool; oneDNN inside a task uses the task's thread alone.
void run_tasks(ThreadPool& pool, int tasks, const std::function<void(int)>& task);

// Work on slices, kept until a result of all slices is needed: then each slice passes through all
// of it in order, whichever thread takes it.
class SliceQueue {
 public:
  using Work = std::function<void(const Slice&)>;
  void add(Work work) { works_.push_back(std::move(work)); }
  // The first `count` slices, and forgets the work.
  void run(const Slices& slices, int count, ThreadPool& pool);

 private:
  std::vector<Work> works_;
};

}  // namespace octet::model::float32

#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace octet {

// A fixed set of threads that share out numbered tasks. No result may depend on who runs what.
// Between tasks a thread looks out for the next ones for some microseconds before it sleeps, since
// waking it takes longer than most pieces of a training step.
class ThreadPool {
 public:
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] int threads() const { return static_cast<int>(workers_.size()) + 1; }
  // Runs task(0) .. task(tasks - 1), the caller helping, and returns when all are done. An
  // exception of a task is thrown again here (the first one).
  void run(int tasks, const std::function<void(int)>& task);
  // Splits [0, count) into a piece a thread, the same thread where it can be, each a multiple of
  // `grain` long except the last: body(begin, end, piece).
  void split(std::int64_t count, std::int64_t grain,
             const std::function<void(std::int64_t, std::int64_t, int)>& body);

 private:
  void work(int own);
  void drain(int own);
  [[nodiscard]] int take(int own);  // the next task, -1 if none is left; under the mutex

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable start_, finished_;
  const std::function<void(int)>* task_ = nullptr;
  int tasks_ = 0, pending_ = 0;
  std::vector<bool> taken_;
  std::exception_ptr failure_;
  // Written under the mutex, watched without it.
  std::atomic<std::uint64_t> round_ = 0;  // calls of run() so far
  std::atomic<bool> done_ = true;         // no task of the present round is left
  std::atomic<bool> stop_ = false;
};

}  // namespace octet

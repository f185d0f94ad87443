#include "common/thread_pool.hpp"

#include <algorithm>
#include <exception>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace octet {
namespace {

// Looks at `ready` for some microseconds; true as soon as it holds.
template <class Ready>
bool look_out(Ready ready) {
  constexpr int kLooks = 2000;  // about 40 ns each
  for (int i = 0; i < kLooks; ++i) {
    if (ready()) return true;
#if defined(__x86_64__)
    _mm_pause();
#endif
  }
  return false;
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

// Task `own` before others: what a thread worked on last lies in its cache.
int ThreadPool::take(int own) {
  int task = own;
  if (own >= tasks_ || taken_[static_cast<std::size_t>(own)]) {
    const auto free = std::find(taken_.begin(), taken_.end(), false);
    if (free == taken_.end()) return -1;
    task = static_cast<int>(free - taken_.begin());
  }
  taken_[static_cast<std::size_t>(task)] = true;
  return task;
}

void ThreadPool::drain(int own) {
  std::unique_lock lock(mutex_);
  for (int mine = take(own); mine >= 0; mine = take(own)) {
    const auto* task = task_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      (*task)(mine);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure && !failure_) failure_ = failure;
    if (--pending_ == 0) {
      done_ = true;
      finished_.notify_all();
    }
  }
}

void ThreadPool::work(int own) {
  for (std::uint64_t seen = 0;;) {
    const bool woken = look_out([&] { return round_.load() != seen || stop_.load(); });
    {
      std::unique_lock lock(mutex_);
      if (!woken) start_.wait(lock, [&] { return stop_ || round_ != seen; });
      if (stop_) return;
      seen = round_;
    }
    drain(own);
  }
}

void ThreadPool::run(int tasks, const std::function<void(int)>& task) {
  if (tasks <= 0) return;
  if (workers_.empty() || tasks == 1) {
    for (int i = 0; i < tasks; ++i) task(i);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    task_ = &task;
    tasks_ = tasks;
    pending_ = tasks;
    taken_.assign(static_cast<std::size_t>(tasks), false);
    failure_ = nullptr;
    done_ = false;
    ++round_;
  }
  start_.notify_all();
  drain(0);
  look_out([&] { return done_.load(); });
  std::unique_lock lock(mutex_);
  finished_.wait(lock, [this] { return pending_ == 0; });
  tasks_ = 0;
  taken_.clear();
  if (failure_) std::rethrow_exception(failure_);
}

void ThreadPool::split(std::int64_t count, std::int64_t grain,
                       const std::function<void(std::int64_t, std::int64_t, int)>& body) {
  const std::int64_t grains = (count + grain - 1) / grain;
  const auto pieces = static_cast<int>(std::min<std::int64_t>(threads(), grains));
  run(pieces, [&](int piece) {
    const std::int64_t begin = grains * piece / pieces * grain;
    const std::int64_t end = std::min(count, grains * (piece + 1) / pieces * grain);
    body(begin, end, piece);
  });
}

}  // namespace octet

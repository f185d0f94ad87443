#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace octet {

// A fixed set of threads that share out numbered tasks. No result may depend on who runs what.
// Between tasks a thread looks out for the next ones for some microseconds before it sleeps, since
// waking it takes longer than most pieces of a training step; nor does it take a lock meanwhile.
class ThreadPool {
 public:
  // Throws octet::Error where the system starts no more threads.
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
  // The same pieces, but a thread that is done with its own helps with the rest of another's, for
  // two processors are rarely equally fast: body(begin, end, piece) several times with a `piece`
  // below threads(), one after the other. Of each piece its last `recent` come first: what was
  // written last is still in the cache. `done(piece)`, if there is one, is called once behind all
  // calls with that piece.
  void share(std::int64_t count, std::int64_t grain, std::int64_t recent,
             const std::function<void(std::int64_t, std::int64_t, int)>& body,
             const std::function<void(int)>& done = {});

 private:
  // A thread's share of a round, apart from the others' in the cache.
  struct alignas(64) Slot {
    std::atomic<std::uint64_t> state = 0;  // twice the round: open; one more: taken
    std::atomic<std::uint64_t> left = 0;   // of share(): grains, the first and the end
  };
  void end_workers();
  void work(int own);
  void serve(int own, std::uint64_t round);
  void run_slot(int slot);
  void guard(int task);

  std::vector<std::thread> workers_;
  std::unique_ptr<Slot[]> slots_;
  // Of the present round: written before its slots open, read by who has taken one.
  const std::function<void(int)>* task_ = nullptr;
  int tasks_ = 0;
  std::atomic<int> next_ = 0;     // tasks from here on are nobody's yet
  std::atomic<int> pending_ = 0;  // slots that are not done
  std::atomic<std::uint64_t> round_ = 0;
  std::atomic<bool> stop_ = false;
  // For those who sleep; and for the first exception.
  std::mutex mutex_;
  std::condition_variable start_, finished_;
  std::atomic<int> sleepers_ = 0;
  std::atomic<bool> caller_sleeps_ = false;
  std::exception_ptr failure_;
};

}  // namespace octet

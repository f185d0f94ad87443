#include "common/thread_pool.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <system_error>

#include "common/error.hpp"

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

// What is left of a piece, as one number that threads exchange: [first, end) in grains.
struct Left {
  std::uint32_t first, end;
  explicit Left(std::uint64_t word)
      : first(static_cast<std::uint32_t>(word)), end(static_cast<std::uint32_t>(word >> 32)) {}
  Left(std::int64_t begin, std::int64_t past)
      : first(static_cast<std::uint32_t>(begin)), end(static_cast<std::uint32_t>(past)) {}
  [[nodiscard]] std::uint64_t word() const { return std::uint64_t{end} << 32 | first; }
  [[nodiscard]] std::uint32_t size() const { return end - first; }
};

// How much a thread takes at a time: a part of what is left, but no less than `least`. Grains that
// are few are taken for dear ones, like images, whose calls are worth being few as well.
struct Portions {
  std::uint32_t least;
  bool few;
  explicit Portions(std::int64_t grains_a_piece)
      : least(static_cast<std::uint32_t>(grains_a_piece / 32 + 1)), few(grains_a_piece <= 256) {}
  [[nodiscard]] std::uint32_t of(std::uint32_t left, bool owner) const {
    const std::uint32_t part = owner && few ? left - left / 8 : left / 2;
    return std::min(std::max(part, few ? 1 : least), left);
  }
};

// Takes some of what is left, its owner from the front, others from the back; empty if none is.
Left take(std::atomic<std::uint64_t>& left, bool owner, const Portions& portions) {
  std::uint64_t word = left.load();
  for (;;) {
    const Left now(word);
    if (now.size() == 0) return now;
    const std::uint32_t count = portions.of(now.size(), owner);
    const Left mine = owner ? Left(now.first, now.first + count) : Left(now.end - count, now.end);
    const Left rest = owner ? Left(mine.end, now.end) : Left(now.first, mine.first);
    if (left.compare_exchange_weak(word, rest.word())) return mine;
  }
}

}  // namespace

ThreadPool::ThreadPool(int threads)
    : slots_(std::make_unique<Slot[]>(static_cast<std::size_t>(std::max(threads, 1)))) {
  workers_.reserve(static_cast<std::size_t>(std::max(threads, 1)));
  try {
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
  } catch (const std::system_error& problem) {  // no destructor follows
    const int most = this->threads();
    end_workers();
    throw usage_error(
        "--threads", std::to_string(threads),
        "at most " + std::to_string(most) + " here (" + problem.code().message() + ")");
  }
}

ThreadPool::~ThreadPool() { end_workers(); }

void ThreadPool::end_workers() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::guard(int task) {
  try {
    (*task_)(task);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
  }
}

// The task of a slot, then of those that are nobody's.
void ThreadPool::run_slot(int slot) {
  guard(slot);
  if (tasks_ <= threads()) return;
  for (int task = next_++; task < tasks_; task = next_++) guard(task);
}

// Its own slot before others: what a thread worked on last lies in its cache. No slot of a round
// that is over is open: a thread that comes too late changes nothing.
void ThreadPool::serve(int own, std::uint64_t round) {
  for (int i = 0; i < threads(); ++i) {
    const int slot = (own + i) % threads();
    std::uint64_t open = 2 * round;
    if (!slots_[static_cast<std::size_t>(slot)].state.compare_exchange_strong(open, open + 1))
      continue;
    run_slot(slot);
    if (--pending_ == 0 && caller_sleeps_) {
      const std::lock_guard lock(mutex_);
      finished_.notify_all();
    }
  }
}

void ThreadPool::work(int own) {
  for (std::uint64_t seen = 0;;) {
    const auto woken = [&] { return round_ != seen || stop_; };
    if (!look_out(woken)) {
      std::unique_lock lock(mutex_);
      ++sleepers_;  // before it looks again: run() looks for sleepers after it begins a round
      start_.wait(lock, woken);
      --sleepers_;
    }
    if (stop_) return;
    seen = round_;
    serve(own, seen);
  }
}

void ThreadPool::run(int tasks, const std::function<void(int)>& task) {
  if (tasks <= 0) return;
  if (workers_.empty() || tasks == 1) {
    for (int i = 0; i < tasks; ++i) task(i);
    return;
  }
  task_ = &task;
  tasks_ = tasks;
  const int slots = std::min(tasks, threads());
  next_ = slots;
  pending_ = slots;
  failure_ = nullptr;
  const std::uint64_t round = round_ + 1;
  for (int slot = 0; slot < slots; ++slot) slots_[static_cast<std::size_t>(slot)].state = 2 * round;
  round_ = round;
  if (sleepers_ > 0) {
    const std::lock_guard lock(mutex_);
    start_.notify_all();
  }
  serve(0, round);
  const auto done = [this] { return pending_ == 0; };
  if (!look_out(done)) {
    std::unique_lock lock(mutex_);
    caller_sleeps_ = true;
    finished_.wait(lock, done);
    caller_sleeps_ = false;
  }
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

void ThreadPool::share(std::int64_t count, std::int64_t grain, std::int64_t recent,
                       const std::function<void(std::int64_t, std::int64_t, int)>& body,
                       const std::function<void(int)>& done) {
  const std::int64_t grains = (count + grain - 1) / grain;
  const auto pieces = static_cast<int>(std::min<std::int64_t>(threads(), grains));
  const Portions portions(grains / std::max(pieces, 1));
  // Of each piece: its begin, where what is recent begins, its end.
  const auto bounds = [&](int piece) {
    const std::int64_t begin = grains * piece / pieces;
    const std::int64_t end = grains * (piece + 1) / pieces;
    return std::array{begin, std::max(begin, end - recent / grain), end};
  };
  for (int piece = 0; piece < pieces; ++piece) {
    const auto [begin, middle, end] = bounds(piece);
    slots_[static_cast<std::size_t>(piece)].left = Left(begin, middle).word();
  }
  run(pieces, [&](int piece) {
    const auto call = [&](std::int64_t first, std::int64_t end) {
      if (first < end) body(first * grain, std::min(count, end * grain), piece);
    };
    const auto [begin, middle, end] = bounds(piece);
    call(middle, end);
    for (int i = 0; i < pieces; ++i) {
      auto& left = slots_[static_cast<std::size_t>((piece + i) % pieces)].left;
      for (Left mine = take(left, i == 0, portions); mine.size() > 0;
           mine = take(left, i == 0, portions))
        call(mine.first, mine.end);
    }
    if (done) done(piece);
  });
}

}  // namespace octet

#include "common/thread_pool.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/error.hpp"

namespace octet {
namespace {

TEST(ThreadPool, RunsEveryTaskOnce) {
  for (int threads = 1; threads <= 8; ++threads) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (int tasks = 0; tasks <= 50; ++tasks) {
      std::vector<std::atomic<int>> runs(50);
      pool.run(tasks, [&](int task) { ++runs[static_cast<std::size_t>(task)]; });
      for (int task = 0; task < 50; ++task)
        ASSERT_EQ(runs[static_cast<std::size_t>(task)], task < tasks ? 1 : 0)
            << threads << " threads, " << tasks << " tasks";
    }
  }
}

TEST(ThreadPool, SplitsIntoWholeGrains) {
  for (int threads = 1; threads <= 8; ++threads) {
    ThreadPool pool(threads);
    for (const std::int64_t grain : {1, 7, 64})
      for (std::int64_t count = 0; count < 200; count += count < 20 ? 1 : 17) {
        std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
        std::vector<std::atomic<int>> pieces(static_cast<std::size_t>(threads));
        pool.split(count, grain, [&](std::int64_t begin, std::int64_t end, int piece) {
          ++pieces[static_cast<std::size_t>(piece)];
          EXPECT_EQ(begin % grain, 0);
          EXPECT_TRUE(end % grain == 0 || end == count);
          EXPECT_LT(begin, end);
          for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
        });
        for (const auto& times : seen) ASSERT_EQ(times, 1);
        for (const auto& times : pieces) ASSERT_LE(times, 1);
      }
  }
}

// Every element once, in whole grains, no two calls of a piece at a time; a piece's own thread
// takes what is recent first.
TEST(ThreadPool, SharesWholeGrains) {
  for (int threads = 1; threads <= 8; ++threads) {
    ThreadPool pool(threads);
    for (const std::int64_t grain : {1, 7, 64})
      for (const std::int64_t recent : {0, 64, 1000})
        for (std::int64_t count = 0; count < 3000; count += count < 20 ? 1 : 331) {
          std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
          std::vector<std::atomic<bool>> busy(static_cast<std::size_t>(threads));
          std::vector<std::atomic<int>> done(static_cast<std::size_t>(threads));
          std::atomic<int> first_end = -1;
          pool.share(
              count, grain, recent,
              [&](std::int64_t begin, std::int64_t end, int piece) {
                ASSERT_FALSE(busy[static_cast<std::size_t>(piece)].exchange(true));
                ASSERT_EQ(done[static_cast<std::size_t>(piece)], 0);
                EXPECT_EQ(begin % grain, 0);
                EXPECT_TRUE(end % grain == 0 || end == count);
                EXPECT_LT(begin, end);
                int none = -1;
                if (threads == 1) first_end.compare_exchange_strong(none, static_cast<int>(end));
                for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
                busy[static_cast<std::size_t>(piece)] = false;
              },
              [&](int piece) { ++done[static_cast<std::size_t>(piece)]; });
          for (const auto& times : done) ASSERT_LE(times, 1);
          ASSERT_EQ(done[0], count > 0);
          for (const auto& times : seen) ASSERT_EQ(times, 1);
          if (threads == 1 && count > 0 && recent >= grain) {
            EXPECT_EQ(first_end, count);
          }
        }
  }
}

// A thread that is held up at its first element has most of its piece done by another.
TEST(ThreadPool, HelpsTheSlow) {
  ThreadPool pool(2);
  constexpr std::int64_t kCount = 6400;
  std::atomic<std::int64_t> done = 0;
  std::atomic<int> calls = 0;
  pool.share(kCount, 1, 0, [&](std::int64_t begin, std::int64_t end, int) {
    if (calls++ == 0)  // until only its own call is left; a thread alone would wait for ever
      while (done + (end - begin) < kCount) std::this_thread::yield();
    done += end - begin;
  });
  EXPECT_EQ(done, kCount);
}

// A thousand rounds of few tasks after one another: none is lost, none runs in another's round.
TEST(ThreadPool, ManyRounds) {
  for (const int threads : {2, 3, 8}) {
    ThreadPool pool(threads);
    std::atomic<int> round = 0;
    std::atomic<std::int64_t> sum = 0;
    for (int i = 0; i < 1000; ++i) {
      const int tasks = 1 + i % 5;
      const std::int64_t before = sum;
      pool.run(tasks, [&, i](int task) {
        EXPECT_EQ(round, i);
        sum += task + 1;
      });
      ASSERT_EQ(sum - before, tasks * (tasks + 1) / 2);
      ++round;
    }
  }
}

TEST(ThreadPool, ThrowsOnAndGoesOn) {
  for (int threads = 1; threads <= 4; ++threads) {
    ThreadPool pool(threads);
    for (int failing = 0; failing < 10; ++failing) {
      std::string found;
      try {
        pool.run(10, [&](int task) {
          if (task == failing) throw std::runtime_error("task " + std::to_string(task));
        });
      } catch (const std::runtime_error& error) {
        found = error.what();
      }
      EXPECT_EQ(found, "task " + std::to_string(failing));
      std::atomic<int> runs = 0;
      pool.run(10, [&](int) { ++runs; });
      EXPECT_EQ(runs, 10);
    }
    EXPECT_THROW(pool.run(20, [](int task) { throw task; }), int) << "all at once";
    EXPECT_THROW(pool.split(100, 1, [](std::int64_t, std::int64_t, int) { throw 1; }), int);
    EXPECT_THROW(pool.share(100, 1, 9, [](std::int64_t, std::int64_t, int) { throw 1; }), int);
  }
}

TEST(ThreadPool, OnePoolInsideAnother) {
  ThreadPool outer(3);
  std::atomic<int> runs = 0;
  for (int round = 0; round < 20; ++round)
    outer.run(4, [&](int) {
      ThreadPool inner(2);
      inner.run(5, [&](int) { ++runs; });
    });
  EXPECT_EQ(runs, 20 * 4 * 5);
  // Two that live as long as each other, one called from the other's tasks by one thread at a time.
  ThreadPool first(2), second(2);
  std::atomic<int> more = 0;
  for (int round = 0; round < 100; ++round)
    first.run(2, [&](int task) {
      if (task == 0) second.run(7, [&](int) { ++more; });
    });
  EXPECT_EQ(more, 700);
}

TEST(ThreadPool, MayEndUnused) {
  for (int i = 0; i < 100; ++i) const ThreadPool pool(4);
}

// The address space of a child process is held to little more than it has: a stack takes megabytes.
TEST(ThreadPoolDeathTest, ThreadsThatCanNotBeStarted) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto start_too_many = [] {
    long pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlim_t bytes = static_cast<rlim_t>(pages * ::sysconf(_SC_PAGESIZE)) + (rlim_t{256} << 20);
    const rlimit limit{bytes, bytes};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) std::_Exit(3);
    try {
      const ThreadPool pool(1024);
    } catch (const Error& error) {
      std::fputs(error.what(), stderr);
      std::_Exit(error.exit_status());
    }
    std::_Exit(0);
  };
  EXPECT_EXIT(start_too_many(), ::testing::ExitedWithCode(2),
              "^--threads: found 1024, expected at most [0-9]+ here");
}

}  // namespace
}  // namespace octet

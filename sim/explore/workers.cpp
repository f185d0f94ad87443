#include "sim/explore/workers.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <system_error>

#include "common/error.hpp"

namespace octet::sim::explore {
namespace {

// What a worker writes into the pipe: whole, since it is no longer than PIPE_BUF.
struct Message {
  std::int64_t point = 0;
  int ok = 0, batch = 0, has_area = 0;
  std::int64_t cycles = 0, dram_bytes = 0, sram_bytes = 0, macs = 0;
  std::int64_t needed_bytes = 0, memory_bytes = 0;
  double seconds = 0.0, joules = 0.0, joules_low = 0.0, joules_high = 0.0;
  double area_mm2 = 0.0, utilisation = 0.0;
  char error[2048] = {};
};
static_assert(sizeof(Message) <= PIPE_BUF);

Message pack(std::int64_t point, const Outcome& o) {
  Message m;
  m.point = point;
  m.ok = o.ok ? 1 : 0;
  m.batch = o.batch;
  m.has_area = o.area_mm2 ? 1 : 0;
  m.cycles = o.cycles;
  m.dram_bytes = o.dram_bytes;
  m.sram_bytes = o.sram_bytes;
  m.macs = o.macs;
  m.needed_bytes = o.needed_bytes;
  m.memory_bytes = o.memory_bytes;
  m.seconds = o.seconds;
  m.joules = o.joules;
  m.joules_low = o.joules_low;
  m.joules_high = o.joules_high;
  m.area_mm2 = o.area_mm2.value_or(0.0);
  m.utilisation = o.utilisation;
  std::strncpy(m.error, o.error.c_str(), sizeof m.error - 1);
  return m;
}

Outcome unpack(const Message& m) {
  Outcome o;
  o.ok = m.ok != 0;
  o.error = m.error;
  o.batch = m.batch;
  o.cycles = m.cycles;
  o.seconds = m.seconds;
  o.joules = m.joules;
  o.joules_low = m.joules_low;
  o.joules_high = m.joules_high;
  if (m.has_area != 0) o.area_mm2 = m.area_mm2;
  o.dram_bytes = m.dram_bytes;
  o.sram_bytes = m.sram_bytes;
  o.macs = m.macs;
  o.needed_bytes = m.needed_bytes;
  o.memory_bytes = m.memory_bytes;
  o.utilisation = m.utilisation;
  return o;
}

// Seen by all processes: the next point to take, and what each worker is at (-1: none).
struct Shared {
  std::atomic<std::int64_t> next{0};
  std::atomic<std::int64_t> at[1024];
};
constexpr int kMostJobs = 1024;

Error system_error(const std::string& what) {
  return Error("explore: " + what + ": " + std::generic_category().message(errno));
}

[[noreturn]] void work(Shared& shared, int own, int pipe, const std::vector<std::int64_t>& todo,
                       const std::function<Outcome(std::int64_t)>& evaluate) {
  for (;;) {
    const std::int64_t i = shared.next++;
    if (i >= static_cast<std::int64_t>(todo.size())) _exit(0);
    shared.at[own] = i;
    const std::int64_t point = todo[static_cast<std::size_t>(i)];
    Outcome outcome;
    try {
      outcome = evaluate(point);
    } catch (const std::bad_alloc&) {
      _exit(1);  // not the point's fault: another run may have the memory
    } catch (const std::exception& error) {
      outcome = Outcome{};
      outcome.error = error.what();
    }
    const Message message = pack(point, outcome);
    if (::write(pipe, &message, sizeof message) != static_cast<ssize_t>(sizeof message)) _exit(1);
    shared.at[own] = -1;
  }
}

}  // namespace

std::vector<std::int64_t> run_points(
    const std::vector<std::int64_t>& todo, int jobs,
    const std::function<Outcome(std::int64_t)>& evaluate,
    const std::function<void(std::int64_t, const Outcome&)>& done) {
  std::vector<std::int64_t> lost;
  if (todo.empty()) return lost;
  jobs = std::clamp(jobs, 1, kMostJobs);
  jobs = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(jobs), todo.size()));
  void* const memory =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw system_error("no shared memory");
  Shared& shared = *new (memory) Shared;
  int ends[2];
  if (::pipe(ends) != 0) {
    ::munmap(memory, sizeof(Shared));
    throw system_error("no pipe");
  }
  std::fflush(nullptr);  // or each worker would have a copy of what is waiting
  const pid_t parent = ::getpid();
  std::vector<pid_t> workers;
  const auto start = [&](int own) {
    shared.at[own] = -1;
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) _exit(1);
      ::close(ends[0]);
      work(shared, own, ends[1], todo, evaluate);
    }
    if (pid < 0) return false;
    if (own == static_cast<int>(workers.size())) workers.push_back(pid);
    workers[static_cast<std::size_t>(own)] = pid;
    return true;
  };
  const auto stop_all = [&] {
    for (const pid_t pid : workers) {
      if (pid > 0) ::kill(pid, SIGKILL);
    }
    for (const pid_t pid : workers) {
      if (pid > 0) ::waitpid(pid, nullptr, 0);
    }
    ::close(ends[0]);
    if (ends[1] >= 0) ::close(ends[1]);
    ::munmap(memory, sizeof(Shared));
  };
  try {
    for (int own = 0; own < jobs; ++own) {
      if (!start(own) && own == 0) throw system_error("no process");
    }
    const auto take = [&] {  // false where the pipe has no message for now
      Message message;
      const ssize_t got = ::read(ends[0], &message, sizeof message);
      if (got != static_cast<ssize_t>(sizeof message)) return false;
      done(message.point, unpack(message));
      return true;
    };
    // The parent keeps no writing end while it reads, so the pipe ends when all workers have; a
    // worker that died is found then, and replaced.
    for (;;) {
      ::close(ends[1]);
      ends[1] = -1;
      while (take()) {
      }
      for (std::size_t own = 0; own < workers.size(); ++own) {
        if (workers[own] <= 0) continue;
        int status = 0;
        ::waitpid(workers[own], &status, 0);
        workers[own] = -1;
        const std::int64_t at = shared.at[own];
        if (status != 0 && at >= 0) lost.push_back(todo[static_cast<std::size_t>(at)]);
      }
      if (shared.next >= static_cast<std::int64_t>(todo.size())) break;
      ::close(ends[0]);  // every worker died with points left: new ones, with a new pipe
      if (::pipe(ends) != 0) throw system_error("no pipe");
      for (int own = 0; own < jobs; ++own) {
        if (!start(own) && own == 0) throw system_error("no process");
      }
    }
  } catch (...) {
    stop_all();
    throw;
  }
  stop_all();
  return lost;
}

}  // namespace octet::sim::explore

#pragma once
#include <array>
#include <csignal>

namespace octet::app {

// While it lives, SIGINT, SIGTERM and SIGHUP ask the program to stop instead of ending it; a second
// one ends it at once. A signal that is ignored stays so (nohup, a shell's background jobs). One
// object at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  [[nodiscard]] static int received();                // the signal's number, or 0
  [[nodiscard]] static const char* name(int signal);  // "SIGINT"
  // Ends the process by the signal that was received, so that who started it sees that (a shell
  // reports 130 for SIGINT, 143 for SIGTERM).
  [[noreturn]] static void end();

 private:
  std::array<struct sigaction, 3> before_{};
};

}  // namespace octet::app

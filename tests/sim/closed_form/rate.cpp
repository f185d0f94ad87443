// closed_form_rate [NETWORK [HARDWARE [BATCH]]]: closed forms a second of processor time, one core.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "common/error.hpp"
#include "sim/closed_form/closed_form.hpp"
#include "sim/program/lower.hpp"

int main(int argc, char** argv) {
  using namespace octet;
  try {
    const auto network = workloads::find_network(argc > 1 ? argv[1] : "resnet-18");
    const sim::Hardware hw = sim::find_hardware(argc > 2 ? argv[2] : "base");
    const int batch = argc > 3 ? std::atoi(argv[3]) : 16;
    const auto seconds = [](std::clock_t from) {
      return static_cast<double>(std::clock() - from) / CLOCKS_PER_SEC;
    };
    std::clock_t start = std::clock();
    const sim::Program program = sim::lower(network, model::find_recipe("int8"), hw, batch);
    const double lowering = seconds(start);
    double best = 1e9;
    std::int64_t cycles = 0;
    start = std::clock();
    while (seconds(start) < 3.0) {
      const std::clock_t one = std::clock();
      cycles = sim::closed_form(program, hw).cycles;
      best = std::min(best, seconds(one));
    }
    const auto layers = static_cast<double>(program.layers.size());
    std::printf(
        "%s, %s, batch %d: %zu commands, %lld cycles; closed form %.3f ms, %.1f steps/s, "
        "%.0f layers/s; lowering %.1f ms\n",
        network.name.c_str(), hw.name.c_str(), batch, program.commands.size(),
        static_cast<long long>(cycles), 1e3 * best, 1.0 / best, layers / best, 1e3 * lowering);
  } catch (const Error& error) {
    std::fprintf(stderr, "closed_form_rate: %s\n", error.what());
    return error.exit_status();
  }
}

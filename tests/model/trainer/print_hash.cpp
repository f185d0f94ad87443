#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "common/error.hpp"
#include "model/kernels/kernels.hpp"
#include "tests/model/trainer/networks.hpp"
#include "tests/model/trainer/tiny.hpp"

// print_hash NETWORK STEPS BATCH THREADS SEED [stochastic]: trains with the kernels that OCTET_ISA
// names and prints their name and the hash.
int main(int argc, char** argv) {
  if (argc < 6) return 2;
  using namespace octet::model;
  try {
    Recipe recipe;
    if (argc > 6 && std::string_view(argv[6]) == "stochastic")
      recipe.rounding.activation = Rounding::kStochastic;
    EngineOptions options;
    options.batch = std::atoi(argv[3]);
    options.threads = std::atoi(argv[4]);
    options.seed = static_cast<std::uint32_t>(std::atoi(argv[5]));
    const std::uint64_t hash =
        testing::hash_after(testing::network_named(argv[1]), recipe, options, std::atoi(argv[2]));
    std::printf("%s %016llx\n", kernels().name, static_cast<unsigned long long>(hash));
  } catch (const octet::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.exit_status();
  }
  return 0;
}

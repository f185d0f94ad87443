#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "common/error.hpp"
#include "model/kernels/kernels.hpp"
#include "tests/model/trainer/tiny.hpp"

// print_hash THREADS SEED [stochastic]: trains with the kernels that OCTET_ISA names and prints
// their name and the hash.
int main(int argc, char** argv) {
  if (argc < 3) return 2;
  try {
    octet::model::Recipe recipe;
    if (argc > 3 && std::string_view(argv[3]) == "stochastic")
      recipe.rounding.activation = octet::model::Rounding::kStochastic;
    const std::uint64_t hash = octet::model::testing::hash_after(
        recipe, std::atoi(argv[1]), static_cast<std::uint32_t>(std::atoi(argv[2])));
    std::printf("%s %016llx\n", octet::model::kernels().name,
                static_cast<unsigned long long>(hash));
  } catch (const octet::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.exit_status();
  }
  return 0;
}
